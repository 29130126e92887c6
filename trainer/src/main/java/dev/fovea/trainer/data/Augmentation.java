package dev.fovea.trainer.data;

import dev.fovea.trainer.TrainSettings;
import dev.fovea.trainer.loss.Truth;
import java.util.Arrays;
import java.util.Random;

/**
 * Mirrors, scales, shifts and recolours a picture with its boxes, and normalises it for the
 * network. One instance belongs to one thread.
 */
final class Augmentation {
  private final Normaliser normaliser;
  private final TrainSettings.Augmentation settings;
  private final int width;
  private final int height;

  Augmentation(TrainSettings.Input input, TrainSettings.Augmentation settings) {
    this.normaliser = new Normaliser(input);
    this.settings = settings;
    this.width = input.widthPx();
    this.height = input.heightPx();
  }

  /**
   * Writes a changed picture.
   *
   * @param random decides all changes
   * @return the truth as it is in the changed picture
   */
  Truth augment(byte[] picture, Truth truth, Random random, float[] into, int at) {
    double scale =
        settings.scaleMin() + random.nextDouble() * (settings.scaleMax() - settings.scaleMin());
    boolean mirrored = random.nextDouble() < settings.flip();
    boolean upsideDown =
        settings.flipVertical() > 0 && random.nextDouble() < settings.flipVertical();
    // The scaled picture is put so that it covers the input, or lies whole inside it.
    double left = random.nextDouble() * (width - width * scale);
    double top = random.nextDouble() * (height - height * scale);
    Placement x = new Placement(scale, left, width, mirrored);
    Placement y = new Placement(scale, top, height, upsideDown);
    double brightness = settings.colour() * (2 * random.nextDouble() - 1);
    double contrast = 1 + settings.colour() * (2 * random.nextDouble() - 1);
    int plane = width * height;
    int[] columns = new int[2 * width];
    float[] fractions = new float[width];
    boolean[] inside = new boolean[width];
    for (int column = 0; column < width; column++) {
      float source = x.source(column);
      inside[column] = source > -0.5f && source < width - 0.5f;
      source = Math.min(Math.max(source, 0), width - 1);
      int first = (int) source;
      columns[2 * column] = first;
      columns[2 * column + 1] = Math.min(first + 1, width - 1);
      fractions[column] = source - first;
    }
    for (int c = 0; c < 3; c++) {
      double channel = 1 + settings.colour() * (2 * random.nextDouble() - 1);
      double colourGain = contrast * channel;
      // Contrast turns around mid grey; brightness is a part of the full range.
      double colourShift = 127.5 * (1 - contrast) * channel + 255 * brightness;
      float gain = (float) (normaliser.gain(c) * colourGain);
      float shift = (float) (normaliser.gain(c) * colourShift + normaliser.shift(c));
      float low = normaliser.shift(c);
      float high = 255 * normaliser.gain(c) + normaliser.shift(c);
      sample(
          picture,
          c * plane,
          y,
          columns,
          fractions,
          inside,
          into,
          at + c * plane,
          gain,
          shift,
          low,
          high);
    }
    return move(truth, x, y);
  }

  private void sample(
      byte[] picture,
      int plane,
      Placement y,
      int[] columns,
      float[] fractions,
      boolean[] inside,
      float[] into,
      int at,
      float gain,
      float shift,
      float low,
      float high) {
    for (int row = 0; row < height; row++) {
      float source = y.source(row);
      boolean rowInside = source > -0.5f && source < height - 0.5f;
      int out = at + row * width;
      if (!rowInside) {
        Arrays.fill(into, out, out + width, 0); // the data's mean
        continue;
      }
      source = Math.min(Math.max(source, 0), height - 1);
      int first = (int) source;
      int upper = plane + first * width;
      int lower = plane + Math.min(first + 1, height - 1) * width;
      float fy = source - first;
      for (int column = 0; column < width; column++) {
        int a = columns[2 * column];
        int b = columns[2 * column + 1];
        float fx = fractions[column];
        float above = (picture[upper + a] & 0xff) * (1 - fx) + (picture[upper + b] & 0xff) * fx;
        float below = (picture[lower + a] & 0xff) * (1 - fx) + (picture[lower + b] & 0xff) * fx;
        float value = (above + (below - above) * fy) * gain + shift;
        into[out + column] = inside[column] ? Math.min(Math.max(value, low), high) : 0;
      }
    }
  }

  private Truth move(Truth truth, Placement x, Placement y) {
    float[] boxes = new float[truth.boxes().length];
    int[] labels = new int[truth.labels().length];
    int count = 0;
    for (int i = 0; i < labels.length; i++) {
      if (moveBox(truth.boxes(), 4 * i, x, y, boxes, 4 * count) >= settings.minVisible()) {
        labels[count++] = truth.labels()[i];
      }
    }
    float[] crowds = new float[truth.crowds().length];
    int crowdCount = 0;
    for (int i = 0; i < crowds.length; i += 4) {
      if (moveBox(truth.crowds(), i, x, y, crowds, 4 * crowdCount) > 0) {
        crowdCount++;
      }
    }
    return new Truth(
        Arrays.copyOf(boxes, 4 * count),
        Arrays.copyOf(labels, count),
        Arrays.copyOf(crowds, 4 * crowdCount),
        truth.unmarked());
  }

  /**
   * Moves a box; the answer is the part of it that is still in the input, 0 if less than a pixel.
   */
  private double moveBox(float[] from, int at, Placement x, Placement y, float[] to, int toAt) {
    double x1 = x.target(from[at]);
    double x2 = x.target(from[at + 2]);
    double y1 = y.target(from[at + 1]);
    double y2 = y.target(from[at + 3]);
    double left = Math.max(0, Math.min(x1, x2));
    double right = Math.min(width, Math.max(x1, x2));
    double top = Math.max(0, Math.min(y1, y2));
    double bottom = Math.min(height, Math.max(y1, y2));
    if (right - left < 1 || bottom - top < 1) {
      return 0;
    }
    to[toAt] = (float) left;
    to[toAt + 1] = (float) top;
    to[toAt + 2] = (float) right;
    to[toAt + 3] = (float) bottom;
    return (right - left) * (bottom - top) / Math.abs((x2 - x1) * (y2 - y1));
  }

  /** One axis: target = source · scale + offset, mirrored afterwards. */
  private record Placement(double scale, double offset, int size, boolean mirrored) {
    /** The source of a target pixel's centre, in pixel indices. */
    float source(int target) {
      double at = mirrored ? size - 1 - target : target;
      return (float) ((at + 0.5 - offset) / scale - 0.5);
    }

    /** Where a source coordinate goes. */
    double target(double source) {
      double at = source * scale + offset;
      return mirrored ? size - at : at;
    }
  }
}
