package dev.fovea.detector.model;

/**
 * Where a frame lies in the model's input: its top left corner on the input's, scaled. What it does
 * not cover (letterbox) lies to the right and below, and is 0 after normalisation.
 *
 * @param frameWidthPx width of the frame as recorded
 * @param frameHeightPx height of the frame as recorded
 * @param placedWidthPx width it has in the model's input
 * @param placedHeightPx height it has in the model's input
 */
public record ImagePlacement(
    int frameWidthPx, int frameHeightPx, int placedWidthPx, int placedHeightPx) {

  /** How a frame of the given size is put into an input. */
  static ImagePlacement of(
      Fit fit, int frameWidthPx, int frameHeightPx, int inputWidthPx, int inputHeightPx) {
    if (fit == Fit.STRETCH) {
      return new ImagePlacement(frameWidthPx, frameHeightPx, inputWidthPx, inputHeightPx);
    }
    double scale =
        Math.min((double) inputWidthPx / frameWidthPx, (double) inputHeightPx / frameHeightPx);
    return new ImagePlacement(
        frameWidthPx,
        frameHeightPx,
        within(Math.round(frameWidthPx * scale), inputWidthPx),
        within(Math.round(frameHeightPx * scale), inputHeightPx));
  }

  private static int within(long size, int inputSize) {
    return (int) Math.max(1, Math.min(size, inputSize));
  }

  /** Frame pixels for one input pixel, horizontally. */
  public float frameScaleX() {
    return (float) frameWidthPx / placedWidthPx;
  }

  /** Frame pixels for one input pixel, vertically. */
  public float frameScaleY() {
    return (float) frameHeightPx / placedHeightPx;
  }
}
