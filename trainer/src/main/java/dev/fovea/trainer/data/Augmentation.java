package dev.fovea.trainer.data;

import dev.fovea.trainer.data.Placement.Axis;
import dev.fovea.trainer.data.Resampler.Recolouring;
import dev.fovea.trainer.loss.Truth;
import dev.fovea.trainer.settings.AugmentationSettings;
import dev.fovea.trainer.settings.InputSettings;
import dev.fovea.trainer.settings.InputSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Mirrors, scales, shifts and recolours a picture with its boxes, alone or four to a mosaic, and
 * normalises it for the network. Immutable.
 */
final class Augmentation {
  /** A mosaic's centre is at least this part of the side from the edges. */
  private static final double MOSAIC_MARGIN = 0.25;

  private final AugmentationSettings settings;
  private final Resampler resampler;
  private final int width;
  private final int height;
  private final double sizeX;
  private final double sizeY;

  /**
   * @param size of what is written; what is in a picture grows and shrinks with it
   */
  Augmentation(InputSettings input, AugmentationSettings settings, InputSize size) {
    this.settings = settings;
    this.width = size.widthPx();
    this.height = size.heightPx();
    this.sizeX = (double) width / input.widthPx();
    this.sizeY = (double) height / input.heightPx();
    this.resampler = new Resampler(new Normaliser(input), width, height);
  }

  /**
   * A picture before any change.
   *
   * @param widthPx that it takes of the network's input
   * @param heightPx that it takes of the network's input
   * @param truth in pixels of the network's input
   */
  record Source(PicturePyramid picture, int widthPx, int heightPx, Truth truth) {}

  /** A rectangle of the network's input; {@code right} and {@code bottom} are beyond it. */
  private record Frame(int left, int top, int right, int bottom) {

    /** The same, without an end where the input ends: anchors' centres may lie beyond it. */
    Truth.Part reach(int width, int height) {
      return new Truth.Part(
          left == 0 ? Float.NEGATIVE_INFINITY : left,
          top == 0 ? Float.NEGATIVE_INFINITY : top,
          right == width ? Float.POSITIVE_INFINITY : right,
          bottom == height ? Float.POSITIVE_INFINITY : bottom,
          Set.of());
    }
  }

  /**
   * Writes a changed picture.
   *
   * @param random decides all changes
   * @return the truth as it is in the changed picture
   */
  Truth whole(Source source, Random random, float[] into, int at) {
    Scene scene = new Scene();
    scene.add(source, new Frame(0, 0, width, height), random, into, at);
    return scene.truth();
  }

  /**
   * Writes a picture made of four, which meet in a random point (Bochkovskiy et al. 2020, YOLOv4,
   * §3.4): each is changed by itself as a whole picture is, and cut to its quarter. Objects keep
   * their size, and what surrounds them changes.
   *
   * @param four top left, top right, bottom left, bottom right
   * @param random decides all changes
   */
  Truth mosaic(List<Source> four, Random random, float[] into, int at) {
    int x = centre(width, random);
    int y = centre(height, random);
    List<Frame> frames =
        List.of(
            new Frame(0, 0, x, y),
            new Frame(x, 0, width, y),
            new Frame(0, y, x, height),
            new Frame(x, y, width, height));
    Scene scene = new Scene();
    for (int i = 0; i < frames.size(); i++) {
      scene.add(four.get(i), frames.get(i), random, into, at);
    }
    return scene.truth();
  }

  private static int centre(int size, Random random) {
    double part = MOSAIC_MARGIN + random.nextDouble() * (1 - 2 * MOSAIC_MARGIN);
    return (int) Math.round(size * part);
  }

  private Placement placement(Source source, Frame frame, Random random) {
    double scale =
        settings.scaleMin() + random.nextDouble() * (settings.scaleMax() - settings.scaleMin());
    boolean mirrored = random.nextDouble() < settings.flip();
    boolean upsideDown =
        settings.flipVertical() > 0 && random.nextDouble() < settings.flipVertical();
    // The scaled picture is put so that it covers its frame, or lies whole inside it.
    double left =
        random.nextDouble() * (frame.right - frame.left - source.widthPx * scale * sizeX)
            + frame.left;
    double top =
        random.nextDouble() * (frame.bottom - frame.top - source.heightPx * scale * sizeY)
            + frame.top;
    return new Placement(
        new Axis(scale * sizeX, left, frame.left, frame.right, mirrored),
        new Axis(scale * sizeY, top, frame.top, frame.bottom, upsideDown));
  }

  private Recolouring recolouring(Random random) {
    double brightness = change(random);
    double contrast = 1 + change(random);
    List<Double> channels = new ArrayList<>();
    while (channels.size() < 3) {
      channels.add(1 + change(random));
    }
    return new Recolouring(brightness, contrast, channels);
  }

  private double change(Random random) {
    return settings.colour() * (2 * random.nextDouble() - 1);
  }

  /** What is in a picture as it is put together. */
  private final class Scene {
    private final List<float[]> boxes = new ArrayList<>();
    private final List<Integer> labels = new ArrayList<>();
    private final List<float[]> crowds = new ArrayList<>();
    private final List<Truth.Part> parts = new ArrayList<>();

    void add(Source source, Frame frame, Random random, float[] into, int at) {
      Placement placement = placement(source, frame, random);
      resampler.paint(source.picture, placement, recolouring(random), into, at);
      Truth truth = source.truth;
      for (int i = 0; i < truth.labels().length; i++) {
        float[] moved = new float[4];
        double seen = placement.move(truth.boxes(), 4 * i, moved, 0);
        if (seen > 0 && seen >= settings.minVisible()) {
          boxes.add(moved);
          labels.add(truth.labels()[i]);
        }
      }
      for (int i = 0; i < truth.crowds().length; i += 4) {
        float[] moved = new float[4];
        if (placement.move(truth.crowds(), i, moved, 0) > 0) {
          crowds.add(moved);
        }
      }
      for (Truth.Part part : truth.parts()) {
        parts.add(part.within(frame.reach(width, height)));
      }
    }

    Truth truth() {
      return new Truth(
          joined(boxes),
          labels.stream().mapToInt(Integer::intValue).toArray(),
          joined(crowds),
          parts);
    }

    private static float[] joined(List<float[]> rows) {
      float[] all = new float[4 * rows.size()];
      for (int i = 0; i < rows.size(); i++) {
        System.arraycopy(rows.get(i), 0, all, 4 * i, 4);
      }
      return all;
    }
  }
}
