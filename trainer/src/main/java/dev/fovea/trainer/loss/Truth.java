package dev.fovea.trainer.loss;

/**
 * What is in one picture, in pixels of the network's input. The arrays are shared, not copied:
 * whoever holds a truth must not change them.
 */
public final class Truth {
  private final float[] boxes;
  private final int[] labels;
  private final float[] crowds;
  private final boolean[] unmarked;

  /**
   * @param boxes (boxes · 4) x1, y1, x2, y2
   * @param labels (boxes), 0 to K − 1
   * @param crowds (crowds · 4) regions of many objects not marked one by one: nothing is learned
   *     from an anchor that lies mostly in one
   * @param unmarked (K) classes that are not marked exhaustively in this picture: what looks like
   *     one is not held against the network
   */
  public Truth(float[] boxes, int[] labels, float[] crowds, boolean[] unmarked) {
    if (boxes.length != 4 * labels.length) {
      throw new IllegalArgumentException(
          labels.length + " labels for " + boxes.length + " box coordinates");
    }
    this.boxes = boxes;
    this.labels = labels;
    this.crowds = crowds;
    this.unmarked = unmarked;
  }

  /** (boxes · 4) x1, y1, x2, y2. */
  public float[] boxes() {
    return boxes;
  }

  /** (boxes), 0 to K − 1. */
  public int[] labels() {
    return labels;
  }

  /** (crowds · 4) x1, y1, x2, y2. */
  public float[] crowds() {
    return crowds;
  }

  /** (K) true: not marked exhaustively. */
  public boolean[] unmarked() {
    return unmarked;
  }
}
