package dev.fovea.trainer.loss;

/**
 * What a batch's raw outputs should be. N pictures, L = ΣH·W·A·K class outputs a picture, P
 * foreground anchors in the batch. Made by {@link TargetAssigner}; read only.
 */
public final class Targets {
  private final float[] classTarget;
  private final float[] classWeight;
  private final int[] boxIndex;
  private final float[] deltas;
  private final float[] anchors;
  private final float[] boxes;

  Targets(
      float[] classTarget,
      float[] classWeight,
      int[] boxIndex,
      float[] deltas,
      float[] anchors,
      float[] boxes) {
    this.classTarget = classTarget;
    this.classWeight = classWeight;
    this.boxIndex = boxIndex;
    this.deltas = deltas;
    this.anchors = anchors;
    this.boxes = boxes;
  }

  /** Foreground anchors, P. */
  public int foreground() {
    return boxIndex.length / 4;
  }

  /** (N, L) 1 where the anchor's box is of the class, else 0. */
  public float[] classTarget() {
    return classTarget;
  }

  /** (N, L) 0 where nothing is learned, else 1. */
  public float[] classWeight() {
    return classWeight;
  }

  /** (P, 4) where the anchor's dx, dy, dw, dh lie in the flattened box rows. */
  public int[] boxIndex() {
    return boxIndex;
  }

  /** (P, 4) encoded boxes. */
  public float[] deltas() {
    return deltas;
  }

  /** (P, 4) anchors, x1, y1, x2, y2. */
  float[] anchors() {
    return anchors;
  }

  /** (P, 4) boxes, x1, y1, x2, y2. */
  float[] boxes() {
    return boxes;
  }
}
