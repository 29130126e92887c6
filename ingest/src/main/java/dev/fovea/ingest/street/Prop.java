package dev.fovea.ingest.street;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Something that stands still and can hide what moves behind it: its pixels' coverage in the
 * backdrop, cropped, and as cells.
 */
final class Prop {
  /** Metres along the optical axis; what is deeper is hidden. */
  final double depth;

  /** One byte for each cell of a {@link Coverage}: 1 where it is hidden. */
  final byte[] cells;

  private final int left;
  private final int top;
  private final int width;
  private final int height;
  private final byte[] alpha;

  private Prop(double depth, byte[] cells, int left, int top, int width, byte[] alpha) {
    this.depth = depth;
    this.cells = cells;
    this.left = left;
    this.top = top;
    this.width = width;
    this.height = alpha.length / width;
    this.alpha = alpha;
  }

  /** Cuts a prop out of a picture-sized mask and clears the mask; null if nothing is in it. */
  static @Nullable Prop cut(double depth, byte[] mask, int pictureWidth, int pictureHeight) {
    int left = pictureWidth;
    int right = 0;
    int top = pictureHeight;
    int bottom = 0;
    for (int y = 0; y < pictureHeight; y++) {
      for (int x = 0; x < pictureWidth; x++) {
        if (mask[y * pictureWidth + x] != 0) {
          left = Math.min(left, x);
          right = Math.max(right, x + 1);
          top = Math.min(top, y);
          bottom = y + 1;
        }
      }
    }
    if (left >= right) {
      return null;
    }
    int width = right - left;
    byte[] alpha = new byte[width * (bottom - top)];
    for (int y = top; y < bottom; y++) {
      System.arraycopy(mask, y * pictureWidth + left, alpha, (y - top) * width, width);
    }
    byte[] cells = cellsOf(mask, pictureWidth, pictureHeight);
    Arrays.fill(mask, (byte) 0);
    return new Prop(depth, cells, left, top, width, alpha);
  }

  private static byte[] cellsOf(byte[] mask, int pictureWidth, int pictureHeight) {
    int columns = pictureWidth / Coverage.CELL;
    int rows = pictureHeight / Coverage.CELL;
    byte[] cells = new byte[columns * rows];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        int at = row * Coverage.CELL * pictureWidth + column * Coverage.CELL;
        if ((mask[at] & 255) > 127) {
          cells[row * columns + column] = 1;
        }
      }
    }
    return cells;
  }

  /** Puts the prop back in front of what was drawn within the box. */
  void restore(int[] pixels, int[] backdrop, int pictureWidth, int x1, int y1, int x2, int y2) {
    int fromX = Math.max(left, x1);
    int toX = Math.min(left + width, x2);
    int toY = Math.min(top + height, y2);
    for (int y = Math.max(top, y1); y < toY; y++) {
      for (int x = fromX; x < toX; x++) {
        int share = alpha[(y - top) * width + x - left] & 255;
        if (share != 0) {
          int at = y * pictureWidth + x;
          pixels[at] =
              share == 255 ? backdrop[at] : Colours.mix(pixels[at], backdrop[at], share / 255.0);
        }
      }
    }
  }
}
