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

  /**
   * Rows are interpolated along themselves first, and kept: two target rows that follow each other
   * mostly share a source row.
   */
  private void paintPlane(
      Level level, int channel, Taps columns, Taps rows, Tone tone, float[] into, int corner) {
    int plane = channel * level.widthPx() * level.heightPx();
    int count = columns.first.length;
    float[] upper = new float[count];
    float[] lower = new float[count];
    int upperRow = -1;
    int lowerRow = -1;
    for (int row = 0; row < rows.first.length; row++) {
      int out = corner + row * width;
      Arrays.fill(into, out, out + count, 0);
      if (!rows.inside[row]) {
        continue;
      }
      if (rows.first[row] == lowerRow || rows.second[row] == upperRow) {
        float[] kept = upper;
        upper = lower;
        lower = kept;
        int keptRow = upperRow;
        upperRow = lowerRow;
        lowerRow = keptRow;
      }
      if (rows.first[row] != upperRow) {
        upperRow = rows.first[row];
        interpolate(level.planes(), plane + upperRow * level.widthPx(), columns, upper);
      }
      if (rows.second[row] != lowerRow) {
        lowerRow = rows.second[row];
        interpolate(level.planes(), plane + lowerRow * level.widthPx(), columns, lower);
      }
      blend(upper, lower, rows.fraction[row], columns, tone, into, out);
    }
  }

  private static void interpolate(byte[] planes, int row, Taps columns, float[] to) {
    for (int column = columns.from; column < columns.to; column++) {
      int a = planes[row + columns.first[column]] & 0xff;
      int b = planes[row + columns.second[column]] & 0xff;
      to[column] = a + (b - a) * columns.fraction[column];
    }
  }

  private static void blend(
      float[] upper, float[] lower, float part, Taps columns, Tone tone, float[] into, int out) {
    float gain = tone.gain;
    float shift = tone.shift;
    float low = tone.low;
    float high = tone.high;
    for (int column = columns.from; column < columns.to; column++) {
      float above = upper[column];
      float value = (above + (lower[column] - above) * part) * gain + shift;
      into[out + column] = Math.min(Math.max(value, low), high);
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

    /** The targets inside are these: from … to − 1. */
    final int from;

    final int to;

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
      int begin = 0;
      while (begin < count && !inside[begin]) {
        begin++;
      }
      int end = begin;
      while (end < count && inside[end]) {
        end++;
      }
      from = begin;
      to = end;
    }
  }
}
