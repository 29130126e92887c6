package dev.fovea.trainer.settings;

/** What the pictures of a step measure; multiples of 32, so that the pyramid's levels fit. */
public record InputSize(int widthPx, int heightPx) {
  private static final int MULTIPLE = 32;

  /** The size nearest to these that is a multiple. */
  static InputSize near(double widthPx, double heightPx) {
    return new InputSize(multiple(widthPx), multiple(heightPx));
  }

  private static int multiple(double pixels) {
    return MULTIPLE * (int) Math.max(1, Math.round(pixels / MULTIPLE));
  }
}
