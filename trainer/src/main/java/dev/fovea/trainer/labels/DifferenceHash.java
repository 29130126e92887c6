package dev.fovea.trainer.labels;

import java.math.BigInteger;

/**
 * A picture's look in 256 bits: is the picture brighter to the right, on a grid of 17 x 16 grey
 * means? Pictures that were scaled, recompressed or taken a moment later differ in few bits, others
 * in about half (the "difference hash", dHash).
 */
final class DifferenceHash {
  /** Grid, and the samples in each of its cells that the mean is taken over. */
  private static final int COLUMNS = 17;

  private static final int ROWS = 16;
  private static final int CELL = 4;

  /** Size that pictures are decoded to. */
  static final int WIDTH_PX = COLUMNS * CELL;

  static final int HEIGHT_PX = ROWS * CELL;

  private static final int WORDS = (COLUMNS - 1) * ROWS / Long.SIZE;

  private DifferenceHash() {}

  /**
   * The hash.
   *
   * @param rgb packed, {@link #HEIGHT_PX} x {@link #WIDTH_PX} x 3
   */
  static long[] of(byte[] rgb) {
    long[] bits = new long[WORDS];
    for (int row = 0; row < ROWS; row++) {
      int left = brightness(rgb, 0, row);
      for (int column = 1; column < COLUMNS; column++) {
        int right = brightness(rgb, column, row);
        if (right > left) {
          int bit = row * (COLUMNS - 1) + column - 1;
          bits[bit / Long.SIZE] |= 1L << (bit % Long.SIZE);
        }
        left = right;
      }
    }
    return bits;
  }

  /** Luma (BT.601, in thousandths) summed over a cell. */
  private static int brightness(byte[] rgb, int column, int row) {
    int sum = 0;
    for (int y = row * CELL; y < (row + 1) * CELL; y++) {
      for (int x = column * CELL; x < (column + 1) * CELL; x++) {
        int at = (y * WIDTH_PX + x) * 3;
        sum += 299 * (rgb[at] & 255) + 587 * (rgb[at + 1] & 255) + 114 * (rgb[at + 2] & 255);
      }
    }
    return sum;
  }

  /** Bits in which two differ. */
  static int distance(long[] a, long[] b) {
    int bits = 0;
    for (int i = 0; i < WORDS; i++) {
      bits += Long.bitCount(a[i] ^ b[i]);
    }
    return bits;
  }

  /** As 64 hexadecimal digits. */
  static String text(long[] bits) {
    StringBuilder text = new StringBuilder();
    for (long word : bits) {
      text.append("%016x".formatted(word));
    }
    return text.toString();
  }

  /**
   * Reads {@link #text}.
   *
   * @throws IllegalArgumentException if it is no such text
   */
  static long[] parse(String text) {
    if (text.length() != WORDS * 16) {
      throw new IllegalArgumentException("\"" + text + "\" is no hash of a picture");
    }
    long[] bits = new long[WORDS];
    for (int i = 0; i < WORDS; i++) {
      bits[i] = new BigInteger(text.substring(16 * i, 16 * i + 16), 16).longValue();
    }
    return bits;
  }
}
