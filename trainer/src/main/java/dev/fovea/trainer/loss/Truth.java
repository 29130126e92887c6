package dev.fovea.trainer.loss;

import java.util.List;
import java.util.Set;

/**
 * What is in one picture, in pixels of the network's input. The arrays are shared, not copied:
 * whoever holds a truth must not change them.
 */
public final class Truth {
  private final float[] boxes;
  private final int[] labels;
  private final float[] crowds;
  private final List<Part> parts;

  /**
   * A part of a picture, and the classes that are not marked exhaustively in it: what looks like
   * one there is not held against the network (LVIS's {@code not_exhaustive_category_ids}).
   *
   * @param x1 left edge; may be infinite, as the others may
   * @param x2 right edge, beyond it
   * @param unmarked labels, 0 to K − 1
   */
  public record Part(float x1, float y1, float x2, float y2, Set<Integer> unmarked) {
    public Part {
      unmarked = Set.copyOf(unmarked);
    }

    /** All of a picture, and what surrounds it. */
    public static Part whole(Set<Integer> unmarked) {
      float end = Float.POSITIVE_INFINITY;
      return new Part(-end, -end, end, end, unmarked);
    }

    /** What lies in both, unmarked as this one is. */
    public Part within(Part other) {
      return new Part(
          Math.max(x1, other.x1),
          Math.max(y1, other.y1),
          Math.min(x2, other.x2),
          Math.min(y2, other.y2),
          unmarked);
    }

    boolean contains(float x, float y) {
      return x >= x1 && x < x2 && y >= y1 && y < y2;
    }
  }

  /**
   * @param boxes (boxes · 4) x1, y1, x2, y2
   * @param labels (boxes), 0 to K − 1
   * @param crowds (crowds · 4) regions of many objects not marked one by one: nothing is learned
   *     from an anchor that lies mostly in one
   * @param parts of the picture; what lies in none is marked exhaustively
   */
  public Truth(float[] boxes, int[] labels, float[] crowds, List<Part> parts) {
    if (boxes.length != 4 * labels.length) {
      throw new IllegalArgumentException(
          labels.length + " labels for " + boxes.length + " box coordinates");
    }
    this.boxes = boxes;
    this.labels = labels;
    this.crowds = crowds;
    this.parts = List.copyOf(parts);
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

  /** Parts that may differ in what is marked; they don't overlap. */
  public List<Part> parts() {
    return parts;
  }
}
