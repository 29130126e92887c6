package dev.fovea.trainer.data;

import dev.fovea.trainer.data.PicturePyramid.Level;
import java.util.Arrays;
import java.util.List;

/**
 * Paints placed pictures into the network's input by bilinear interpolation, recoloured and
 * normalised. What a picture does not cover of its rectangle becomes 0, the data's mean. Immutable.
 */
final class Resampler {
  private final Normaliser normaliser;
  private final int width;
  private final int height;

  /**
   * @param width of the network's input, pixels
   * @param height of the network's input, pixels
   */
  Resampler(Normaliser normaliser, int width, int height) {
    this.normaliser = normaliser;
    this.width = width;
    this.height = height;
  }

  /**
   * A change of colour: each byte times {@link #gain} plus {@link #shift}, cut to 0 … 255.
   *
   * @param brightness added, as a part of the full range
   * @param contrast factor, around mid grey
   * @param channels factors of red, green and blue
   */
  record Recolouring(double brightness, double contrast, List<Double> channels) {
    double gain(int channel) {
      return contrast * channels.get(channel);
    }

    double shift(int channel) {
      return 127.5 * (1 - contrast) * channels.get(channel) + 255 * brightness;
    }
  }

  /** Writes the placement's rectangle of the (3, H, W) floats that begin at {@code at}. */
  void paint(
      PicturePyramid picture, Placement placement, Recolouring colours, float[] into, int at) {
    Level level = picture.forScale(Math.max(placement.x().scale(), placement.y().scale()));
    Taps columns = new Taps(placement.x(), level.zoomX(), level.widthPx());
    Taps rows = new Taps(placement.y(), level.zoomY(), level.heightPx());
    for (int c = 0; c < 3; c++) {
      float gain = normaliser.gain(c);
      Tone tone =
          new Tone(
              (float) (gain * colours.gain(c)),
              (float) (gain * colours.shift(c) + normaliser.shift(c)),
              normaliser.shift(c),
              255 * gain + normaliser.shift(c));
      int corner = at + (c * height + placement.y().from()) * width + placement.x().from();
      paintPlane(level, c, columns, rows, tone, into, corner);
    }
  }

  private void paintPlane(
      Level level, int channel, Taps columns, Taps rows, Tone tone, float[] into, int corner) {
    byte[] planes = level.planes();
    int plane = channel * level.widthPx() * level.heightPx();
    for (int row = 0; row < rows.first.length; row++) {
      int out = corner + row * width;
      if (!rows.inside[row]) {
        Arrays.fill(into, out, out + columns.first.length, 0);
        continue;
      }
      int upper = plane + rows.first[row] * level.widthPx();
      int lower = plane + rows.second[row] * level.widthPx();
      float fy = rows.fraction[row];
      for (int column = 0; column < columns.first.length; column++) {
        int a = columns.first[column];
        int b = columns.second[column];
        float fx = columns.fraction[column];
        float above = (planes[upper + a] & 0xff) * (1 - fx) + (planes[upper + b] & 0xff) * fx;
        float below = (planes[lower + a] & 0xff) * (1 - fx) + (planes[lower + b] & 0xff) * fx;
        float value = (above + (below - above) * fy) * tone.gain + tone.shift;
        into[out + column] =
            columns.inside[column] ? Math.min(Math.max(value, tone.low), tone.high) : 0;
      }
    }
  }

  /** Byte to input value: byte · gain + shift, cut to what the bytes 0 and 255 are. */
  private record Tone(float gain, float shift, float low, float high) {}

  /** The two source pixels of every target pixel along an axis, and the second one's share. */
  private static final class Taps {
    final int[] first;
    final int[] second;
    final float[] fraction;
    final boolean[] inside;

    Taps(Placement.Axis axis, double zoom, int size) {
      int count = axis.to() - axis.from();
      first = new int[count];
      second = new int[count];
      fraction = new float[count];
      inside = new boolean[count];
      for (int i = 0; i < count; i++) {
        double source = axis.source(axis.from() + i + 0.5) * zoom - 0.5; // in pixel indices
        inside[i] = source > -0.5 && source < size - 0.5;
        double held = Math.min(Math.max(source, 0), size - 1);
        first[i] = (int) held;
        second[i] = Math.min(first[i] + 1, size - 1);
        fraction[i] = (float) (held - first[i]);
      }
    }
  }
}
