package dev.fovea.ingest.street;

/** Arithmetic on colours packed as 0xRRGGBB. */
final class Colours {
  private Colours() {}

  static int rgb(double red, double green, double blue) {
    return clamp(red) << 16 | clamp(green) << 8 | clamp(blue);
  }

  static int red(int rgb) {
    return rgb >> 16 & 255;
  }

  static int green(int rgb) {
    return rgb >> 8 & 255;
  }

  static int blue(int rgb) {
    return rgb & 255;
  }

  static int scale(int rgb, double factor) {
    return rgb(red(rgb) * factor, green(rgb) * factor, blue(rgb) * factor);
  }

  /** {@code share} = 0 gives {@code from}, 1 gives {@code to}. */
  static int mix(int from, int to, double share) {
    return rgb(
        red(from) + (red(to) - red(from)) * share,
        green(from) + (green(to) - green(from)) * share,
        blue(from) + (blue(to) - blue(from)) * share);
  }

  private static int clamp(double value) {
    return value <= 0 ? 0 : value >= 255 ? 255 : (int) (value + 0.5);
  }
}
