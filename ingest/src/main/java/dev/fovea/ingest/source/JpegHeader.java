package dev.fovea.ingest.source;

import org.jspecify.annotations.Nullable;

/**
 * What a JPEG's markers say, read without decoding it.
 *
 * @param widthPx width
 * @param heightPx height
 * @param hasHuffmanTables whether a DHT segment is there; MJPEG cameras may leave it out
 * @param firstScan index of the first scan's SOS marker
 * @param scans number of scans; 1 unless progressive
 * @param end index after the EOI marker; -1 where it is missing
 */
public record JpegHeader(
    int widthPx, int heightPx, boolean hasHuffmanTables, int firstScan, int scans, int end) {

  /**
   * Real progressive JPEGs have about ten; a thousand in a small file take a decoder a minute
   * (libjpeg-turbo#249).
   */
  static final int MAX_SCANS = 64;

  private static final int SOI = 0xD8;
  private static final int EOI = 0xD9;
  private static final int SOS = 0xDA;
  private static final int DHT = 0xC4;

  /** Not a JPEG that can be read; the message says why, without a full stop. */
  static final class MalformedJpegException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedJpegException(String message) {
      super(message);
    }
  }

  /**
   * Reads the header of the JPEG in {@code bytes}.
   *
   * @throws MalformedJpegException if it does not begin with SOI, has no size or no scan, or too
   *     many of them
   */
  static JpegHeader parse(byte[] bytes) throws MalformedJpegException {
    if (bytes.length < 4 || !isMarker(bytes, 0, SOI)) {
      throw new MalformedJpegException("does not begin with the JPEG marker SOI");
    }
    int width = 0;
    int height = 0;
    boolean tables = false;
    int at = 2;
    while (at + 4 <= bytes.length) {
      if ((bytes[at] & 0xFF) != 0xFF) {
        throw new MalformedJpegException("has no JPEG marker at byte " + at);
      }
      int marker = bytes[at + 1] & 0xFF;
      if (marker == 0xFF) {
        at++; // fill byte before a marker
        continue;
      }
      if (marker == SOS) {
        requireSize(width, height);
        return new JpegHeader(
            width, height, tables, at, countScans(bytes, at), endOfImage(bytes, at));
      }
      int length = uint16(bytes, at + 2);
      if (length < 2) {
        throw new MalformedJpegException("has a JPEG segment of length " + length);
      }
      if (marker == DHT) {
        tables = true;
      } else if (isStartOfFrame(marker) && at + 9 <= bytes.length) {
        height = uint16(bytes, at + 5);
        width = uint16(bytes, at + 7);
      }
      at += 2 + length;
    }
    throw new MalformedJpegException("ends before its first scan");
  }

  private static void requireSize(int width, int height) throws MalformedJpegException {
    if (width == 0 || height == 0) {
      throw new MalformedJpegException("names no picture size before its first scan");
    }
  }

  private static boolean isStartOfFrame(int marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != DHT && marker != 0xC8 && marker != 0xCC;
  }

  private static int countScans(byte[] bytes, int firstScan) throws MalformedJpegException {
    int scans = 0;
    for (int i = firstScan; i + 1 < bytes.length; i++) {
      if (isMarker(bytes, i, SOS) && ++scans > MAX_SCANS) {
        throw new MalformedJpegException("has more than " + MAX_SCANS + " scans");
      }
    }
    return scans;
  }

  /** The last EOI counts: cameras pad behind it, and a preview inside has one of its own. */
  private static int endOfImage(byte[] bytes, int from) {
    for (int i = bytes.length - 2; i >= from; i--) {
      if (isMarker(bytes, i, EOI)) {
        return i + 2;
      }
    }
    return -1;
  }

  private static boolean isMarker(byte[] bytes, int at, int marker) {
    return (bytes[at] & 0xFF) == 0xFF && (bytes[at + 1] & 0xFF) == marker;
  }

  private static int uint16(byte[] bytes, int at) {
    return at + 1 < bytes.length ? ((bytes[at] & 0xFF) << 8) | (bytes[at + 1] & 0xFF) : 0;
  }

  /** Null where the picture may be decoded, else why not. */
  @Nullable String whyTooLarge(long maxPixels) {
    return (long) widthPx * heightPx <= maxPixels
        ? null
        : "is a picture of " + widthPx + "x" + heightPx + ", more than max-pixels = " + maxPixels;
  }
}
