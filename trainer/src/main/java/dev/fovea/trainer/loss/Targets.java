package dev.fovea.trainer.loss;

import dev.fovea.detector.geometry.BoxCoder;
import dev.fovea.detector.geometry.Boxes;

/**
 * What a batch's raw outputs should be. N pictures, L = ΣH·W·A·K class outputs a picture, P
 * foreground anchors in the batch. Made by {@link TargetAssigner}; read only.
 */
public final class Targets {
  private final float[] classTarget;
  private final float[] classWeight;
  private final int[] classIndex;
  private final int[] boxIndex;
  private final float[] deltas;
  private final float[] anchors;
  private final float[] boxes;

  Targets(
      float[] classTarget,
      float[] classWeight,
      int[] classIndex,
      int[] boxIndex,
      float[] deltas,
      float[] anchors,
      float[] boxes) {
    this.classTarget = classTarget;
    this.classWeight = classWeight;
    this.classIndex = classIndex;
    this.boxIndex = boxIndex;
    this.deltas = deltas;
    this.anchors = anchors;
    this.boxes = boxes;
  }

  /**
   * The same, with foreground anchors whose class is right to a degree.
   *
   * @param quality (P) 0 to 1, the class targets in place of 1
   */
  Targets graded(float[] quality) {
    float[] graded = classTarget.clone();
    for (int i = 0; i < classIndex.length; i++) {
      graded[classIndex[i]] = quality[i];
    }
    return new Targets(graded, classWeight, classIndex, boxIndex, deltas, anchors, boxes);
  }

  /**
   * How well predicted boxes lie.
   *
   * @param predicted (P, 4) dx, dy, dw, dh of the foreground anchors
   * @return (P) IoU of each with its box
   */
  float[] iou(float[] predicted) {
    BoxCoder coder = new BoxCoder();
    float[] box = new float[4];
    float[] iou = new float[foreground()];
    for (int i = 0; i < iou.length; i++) {
      coder.decode(predicted, 4 * i, anchors, 4 * i, box, 0);
      iou[i] = Boxes.iou(box, 0, boxes, 4 * i);
    }
    return iou;
  }

  /** Foreground anchors, P. */
  public int foreground() {
    return boxIndex.length / 4;
  }

  /** (N, L) 1 (or its box's quality) where the anchor's box is of the class, else 0. */
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
