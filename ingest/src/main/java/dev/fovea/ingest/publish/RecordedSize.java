package dev.fovea.ingest.publish;

/**
 * The size pictures are recorded at, as configured.
 *
 * @param widthPx largest width; 0 = the source's own
 * @param heightPx height; 0 = what keeps the source's aspect
 */
public record RecordedSize(int widthPx, int heightPx) {

  /** The source's own size. */
  public static final RecordedSize AS_IS = new RecordedSize(0, 0);

  public RecordedSize {
    if (widthPx < 0 || heightPx < 0) {
      throw new IllegalArgumentException(
          "recorded size must not be negative: " + widthPx + "x" + heightPx);
    }
  }

  /** Width at which a picture of {@code width} x {@code height} is recorded; never upscaled. */
  int widthFor(int width, int height) {
    if (widthPx == 0 && heightPx > 0 && heightPx < height) {
      return even((double) width * heightPx / height);
    }
    return widthPx == 0 ? width : Math.min(widthPx, width);
  }

  /** Height at which a picture of {@code width} x {@code height} is recorded; never upscaled. */
  int heightFor(int width, int height) {
    if (heightPx == 0 && widthPx > 0 && widthPx < width) {
      return even((double) height * widthPx / width);
    }
    return heightPx == 0 ? height : Math.min(heightPx, height);
  }

  private static int even(double length) {
    return Math.max(2, 2 * (int) Math.round(length / 2));
  }
}
