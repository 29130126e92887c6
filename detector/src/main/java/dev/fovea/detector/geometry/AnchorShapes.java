package dev.fovea.detector.geometry;

import java.util.List;

/**
 * The shapes of the anchors at every location (Lin et al. 2017, Focal Loss, §4).
 *
 * <p>On a level of stride {@code s} there is one anchor for each ratio and octave scale, ratios
 * outermost: its area is {@code (scale · octaveScale · s)²} and its height over its width is the
 * ratio.
 *
 * @param scale base anchor side in strides; the paper has 4 (32 px on P3, stride 8)
 * @param ratios height / width
 * @param octaveScales factors on the base side; the paper has 2^0, 2^⅓, 2^⅔
 * @param round torchvision's convention instead of the paper's: sides cut to whole pixels, corners
 *     rounded half to even, anchors centred on the top left of their cell, and the distance of two
 *     cells the input size divided by the cells, cut to whole pixels. For models trained by it.
 */
public record AnchorShapes(
    double scale, List<Double> ratios, List<Double> octaveScales, boolean round) {

  public AnchorShapes {
    requirePositive("scale", scale);
    ratios = positive("ratios", ratios);
    octaveScales = positive("octaveScales", octaveScales);
  }

  /** The paper's nine: 4 strides, ratios ½, 1, 2, octave scales 2^0, 2^⅓, 2^⅔. */
  public static AnchorShapes paper() {
    return paper(4);
  }

  /** The paper's nine with another base side, in strides. */
  public static AnchorShapes paper(double scale) {
    return new AnchorShapes(
        scale,
        List.of(0.5, 1.0, 2.0),
        List.of(1.0, Math.pow(2, 1 / 3.0), Math.pow(2, 2 / 3.0)),
        false);
  }

  /** Anchors at one location, A. */
  public int perLocation() {
    return ratios.size() * octaveScales.size();
  }

  /**
   * The anchors of a level's stride around the origin, ratio-major.
   *
   * @return (A·4)
   */
  float[] around0(int stride) {
    float[] boxes = new float[perLocation() * 4];
    int at = 0;
    for (double ratio : ratios) {
      for (double octaveScale : octaveScales) {
        double side = scale * octaveScale * stride;
        if (round) {
          // The tiny term keeps 32 · 2^⅓ and the like on the side of the integer they stand for.
          side = Math.floor(side + 1e-6);
        }
        double halfWidth = side / Math.sqrt(ratio) / 2;
        double halfHeight = side * Math.sqrt(ratio) / 2;
        if (round) {
          halfWidth = Math.rint(halfWidth);
          halfHeight = Math.rint(halfHeight);
        }
        boxes[at++] = (float) -halfWidth;
        boxes[at++] = (float) -halfHeight;
        boxes[at++] = (float) halfWidth;
        boxes[at++] = (float) halfHeight;
      }
    }
    return boxes;
  }

  private static List<Double> positive(String name, List<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException(name + " must not be empty");
    }
    for (double value : values) {
      requirePositive(name, value);
    }
    return List.copyOf(values);
  }

  private static void requirePositive(String name, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(name + " must be above 0, not " + value);
    }
  }
}
