package dev.fovea.detector.geometry;

import java.util.Arrays;

/**
 * Greedy class-wise non-maximum suppression: in descending order of score, a box is kept unless a
 * kept box of its class overlaps it by more than the threshold. Equal scores go in the order given.
 *
 * <p>Scratch memory is kept from call to call, so an instance belongs to one thread.
 */
public final class NonMaximumSuppression {
  private static final int END = -1;

  private final float iouThreshold;
  private long[] order = new long[0];
  private float[] areas = new float[0];
  private int[] nextOfClass = new int[0];
  private int[] firstOfClass = new int[0];

  /**
   * @param iouThreshold 0 to 1; boxes that overlap by exactly this are both kept
   */
  public NonMaximumSuppression(float iouThreshold) {
    if (!(iouThreshold >= 0 && iouThreshold <= 1)) {
      throw new IllegalArgumentException("the IoU threshold must be 0 to 1, not " + iouThreshold);
    }
    this.iouThreshold = iouThreshold;
  }

  /**
   * Finds the boxes to keep.
   *
   * @param boxes (count · 4)
   * @param scores (count), not NaN
   * @param classes (count), 0 or more
   * @param maxKept stop when this many are kept
   * @param kept receives the indices of the boxes kept, best score first; at least {@code
   *     min(count, maxKept)} long
   * @return how many were kept
   */
  public int suppress(
      float[] boxes, float[] scores, int[] classes, int count, int maxKept, int[] kept) {
    prepare(boxes, scores, classes, count);
    int keptCount = 0;
    for (int rank = 0; rank < count && keptCount < maxKept; rank++) {
      int box = (int) order[rank];
      if (!isSuppressed(boxes, box, firstOfClass[classes[box]])) {
        nextOfClass[box] = firstOfClass[classes[box]];
        firstOfClass[classes[box]] = box;
        kept[keptCount++] = box;
      }
    }
    return keptCount;
  }

  private boolean isSuppressed(float[] boxes, int box, int firstKept) {
    float x1 = boxes[4 * box];
    float y1 = boxes[4 * box + 1];
    float x2 = boxes[4 * box + 2];
    float y2 = boxes[4 * box + 3];
    float area = areas[box];
    for (int other = firstKept; other != END; other = nextOfClass[other]) {
      float width = Math.min(x2, boxes[4 * other + 2]) - Math.max(x1, boxes[4 * other]);
      float height = Math.min(y2, boxes[4 * other + 3]) - Math.max(y1, boxes[4 * other + 1]);
      if (width > 0 && height > 0) {
        float shared = width * height;
        if (shared / (area + areas[other] - shared) > iouThreshold) {
          return true;
        }
      }
    }
    return false;
  }

  private void prepare(float[] boxes, float[] scores, int[] classes, int count) {
    if (order.length < count) {
      int capacity = Math.max(count, 2 * order.length);
      order = new long[capacity];
      areas = new float[capacity];
      nextOfClass = new int[capacity];
    }
    int classCount = 0;
    for (int i = 0; i < count; i++) {
      order[i] = descending(scores[i]) << 32 | i;
      areas[i] = Boxes.area(boxes, 4 * i);
      classCount = Math.max(classCount, classes[i] + 1);
    }
    Arrays.sort(order, 0, count);
    if (firstOfClass.length < classCount) {
      firstOfClass = new int[classCount];
    }
    Arrays.fill(firstOfClass, 0, classCount, END);
  }

  /** A number that sorts, as a signed long after shifting, from the highest score to the lowest. */
  private static long descending(float score) {
    // Adding 0 turns -0 into 0, so that the two tie as they compare.
    int bits = Float.floatToIntBits(score + 0f);
    int ascending = bits >= 0 ? bits : bits ^ Integer.MAX_VALUE;
    return ~(long) ascending;
  }
}
