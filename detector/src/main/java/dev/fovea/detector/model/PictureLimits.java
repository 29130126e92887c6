package dev.fovea.detector.model;

/**
 * What a picture may demand before any of it is decoded.
 *
 * @param maxPixels width × height
 * @param maxBytes length of the file
 * @param maxScans scans of a progressive file; encoders write about 10, and each costs a pass over
 *     the whole picture
 */
public record PictureLimits(long maxPixels, int maxBytes, int maxScans) {
  /** 40 million pixels (8K is 33), 32 MiB, 64 scans. */
  public static final PictureLimits DEFAULT = new PictureLimits(40_000_000, 32 << 20, 64);

  public PictureLimits {
    if (maxPixels <= 0 || maxBytes <= 0 || maxScans <= 0) {
      throw new IllegalArgumentException(
          "picture limits must be above 0, not %d pixels, %d bytes, %d scans"
              .formatted(maxPixels, maxBytes, maxScans));
    }
  }
}
