package dev.fovea.detector.geometry;

/** Arithmetic on boxes in flat arrays; an index given is that of the box's {@code x1}. */
public final class Boxes {
  private Boxes() {}

  /** Area in square pixels; 0 for a box without width or height. */
  public static float area(float[] boxes, int at) {
    float width = boxes[at + 2] - boxes[at];
    float height = boxes[at + 3] - boxes[at + 1];
    return width > 0 && height > 0 ? width * height : 0;
  }

  /** Area that two boxes share, square pixels. */
  public static float intersection(float[] a, int aAt, float[] b, int bAt) {
    float width = Math.min(a[aAt + 2], b[bAt + 2]) - Math.max(a[aAt], b[bAt]);
    float height = Math.min(a[aAt + 3], b[bAt + 3]) - Math.max(a[aAt + 1], b[bAt + 1]);
    return width > 0 && height > 0 ? width * height : 0;
  }

  /** Intersection over union, 0 to 1; 0 where both boxes are without area. */
  public static float iou(float[] a, int aAt, float[] b, int bAt) {
    float shared = intersection(a, aAt, b, bAt);
    return shared == 0 ? 0 : shared / (area(a, aAt) + area(b, bAt) - shared);
  }

  /** Moves every coordinate of a box into {@code [left, right] × [top, bottom]}. */
  public static void clip(float[] boxes, int at, float left, float top, float right, float bottom) {
    boxes[at] = clamp(boxes[at], left, right);
    boxes[at + 1] = clamp(boxes[at + 1], top, bottom);
    boxes[at + 2] = clamp(boxes[at + 2], left, right);
    boxes[at + 3] = clamp(boxes[at + 3], top, bottom);
  }

  private static float clamp(float value, float low, float high) {
    return Math.min(Math.max(value, low), high);
  }
}
