package dev.fovea.ingest.street;

/** What the camera does to the light: shake, vignette, colour cast, contrast, noise. */
final class Sensor {
  private static final int NOISE = 1 << 16;

  private final StreetSettings settings;
  private final byte[] noise = new byte[NOISE];
  private final short[] vignette;
  private final double shakePx;
  private final double shakePhase;
  private final double gain;
  private final double contrast;
  private final double[] cast;
  private final double noisiness;
  private final int[][] curves = new int[3][256];
  private double curvesNight = -1;

  Sensor(StreetSettings settings) {
    this.settings = settings;
    Dice dice = Dice.of(settings.seed(), 50);
    for (int i = 0; i < NOISE; i++) {
      noise[i] = (byte) Math.max(-127, Math.min(127, Math.round(dice.normal() * 32)));
    }
    shakePx = dice.chance(0.5) ? dice.between(0, 0.5) : dice.between(0.6, 1.6);
    shakePhase = dice.between(0, 100);
    gain = dice.between(0.90, 1.10);
    contrast = dice.between(0.92, 1.15);
    double warm = dice.normal() * 0.025;
    cast = new double[] {1 + warm, 1 + dice.normal() * 0.010, 1 - warm};
    noisiness = dice.between(0.6, 1.4);
    vignette = vignette(settings.widthPx(), settings.heightPx(), dice.between(0.05, 0.30));
  }

  private static short[] vignette(int width, int height, double strength) {
    short[] factor = new short[width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double dx = (x + 0.5 - width * 0.5) / (width * 0.5);
        double dy = (y + 0.5 - height * 0.5) / (width * 0.5);
        double r = (dx * dx + dy * dy) / 1.32;
        factor[y * width + x] = (short) Math.round(256 * (1 - strength * r));
      }
    }
    return factor;
  }

  int shakeX(long frameIndex) {
    double t = frameIndex / settings.framesPerSecond() + shakePhase;
    return (int) Math.round(shakePx * (0.6 * Math.sin(t * 5.3) + 0.4 * Math.sin(t * 11.7 + 1)));
  }

  int shakeY(long frameIndex) {
    double t = frameIndex / settings.framesPerSecond() + shakePhase;
    return (int) Math.round(shakePx * (0.6 * Math.sin(t * 4.1 + 2) + 0.4 * Math.sin(t * 13.1)));
  }

  /** Writes the frame as B, G, R bytes. */
  void expose(long frameIndex, Light light, Canvas canvas, byte[] bgr) {
    int[] row = new int[canvas.width];
    for (int y = 0; y < canvas.height; y++) {
      exposeRow(frameIndex, light, canvas, y, row);
      int out = 3 * y * canvas.width;
      for (int rgb : row) {
        bgr[out] = (byte) rgb;
        bgr[out + 1] = (byte) (rgb >> 8);
        bgr[out + 2] = (byte) (rgb >> 16);
        out += 3;
      }
    }
  }

  /** Writes the frame as packed 0xRRGGBB. */
  void expose(long frameIndex, Light light, Canvas canvas, int[] rgb) {
    int[] row = new int[canvas.width];
    for (int y = 0; y < canvas.height; y++) {
      exposeRow(frameIndex, light, canvas, y, row);
      System.arraycopy(row, 0, rgb, y * canvas.width, canvas.width);
    }
  }

  private void exposeRow(long frameIndex, Light light, Canvas canvas, int y, int[] row) {
    bend(light);
    int width = canvas.width;
    int[] source = canvas.pixels;
    int from = Math.max(0, Math.min(canvas.height - 1, y + shakeY(frameIndex))) * width;
    int shift = shakeX(frameIndex);
    // Noise of ±1 deviation is stored as ±32, and the sum below is in 1/256 of a level.
    int grey = (int) (8 * noisiness * (1.6 + 2.8 * light.night));
    int coloured = grey / 2;
    int at = (int) Dice.of(settings.seed(), frameIndex, y).next();
    int[] red = curves[0];
    int[] green = curves[1];
    int[] blue = curves[2];
    for (int x = 0; x < width; x++) {
      int rgb = source[from + Math.max(0, Math.min(width - 1, x + shift))];
      int factor = vignette[y * width + x];
      int common = noise[at++ & NOISE - 1] * grey;
      int r = red[rgb >> 16 & 255] * factor + common + noise[at++ & NOISE - 1] * coloured;
      int g = green[rgb >> 8 & 255] * factor + common;
      int b = blue[rgb & 255] * factor + common + noise[at++ & NOISE - 1] * coloured;
      row[x] = clamp(r >> 8) << 16 | clamp(g >> 8) << 8 | clamp(b >> 8);
    }
  }

  /** The tone curves; by night the camera opens up a little. */
  private void bend(Light light) {
    if (curvesNight == light.night) {
      return;
    }
    curvesNight = light.night;
    for (int channel = 0; channel < 3; channel++) {
      for (int i = 0; i < 256; i++) {
        double level = i / 255.0 * gain * cast[channel];
        double bent = 0.5 + (level - 0.5) * contrast + (contrast - 1) * 0.12;
        bent = bent * (1 - light.night) + level * 1.12 * light.night;
        curves[channel][i] = clamp((int) Math.round(255 * bent));
      }
    }
  }

  private static int clamp(int value) {
    return value < 0 ? 0 : Math.min(value, 255);
  }
}
