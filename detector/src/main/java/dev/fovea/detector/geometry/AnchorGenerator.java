package dev.fovea.detector.geometry;

import java.util.ArrayList;
import java.util.List;

/**
 * The anchors of a feature pyramid over one input size.
 *
 * <p>Their order is level, row, column, anchor, which is also the order in which ties of equal
 * score are resolved everywhere. Immutable.
 */
public final class AnchorGenerator {
  /** Strides of P3 to P7, pixels. */
  public static final List<Integer> STRIDES = List.of(8, 16, 32, 64, 128);

  private final List<Level> levels;
  private final int perLocation;

  private AnchorGenerator(List<Level> levels, int perLocation) {
    this.levels = List.copyOf(levels);
    this.perLocation = perLocation;
  }

  /** Anchors of P3 to P7; a level has ⌈size / stride⌉ cells a side. */
  public static AnchorGenerator of(AnchorShapes shapes, int inputWidthPx, int inputHeightPx) {
    return of(shapes, STRIDES, inputWidthPx, inputHeightPx);
  }

  /** Anchors of levels with the given strides. */
  public static AnchorGenerator of(
      AnchorShapes shapes, List<Integer> strides, int inputWidthPx, int inputHeightPx) {
    if (inputWidthPx <= 0 || inputHeightPx <= 0) {
      throw new IllegalArgumentException(
          "input size must be above 0, not " + inputWidthPx + "x" + inputHeightPx);
    }
    List<Level> levels = new ArrayList<>();
    for (int stride : strides) {
      int width = ceilDivide(inputWidthPx, stride);
      int height = ceilDivide(inputHeightPx, stride);
      int stepX = shapes.round() ? inputWidthPx / width : stride;
      int stepY = shapes.round() ? inputHeightPx / height : stride;
      float firstCentre = shapes.round() ? 0 : stride / 2f;
      levels.add(new Level(width, height, stepX, stepY, firstCentre, shapes.around0(stride)));
    }
    return new AnchorGenerator(levels, shapes.perLocation());
  }

  /** Number of pyramid levels. */
  public int levels() {
    return levels.size();
  }

  /** Cells in a row of a level's feature map. */
  public int width(int level) {
    return levels.get(level).width;
  }

  /** Cells in a column of a level's feature map. */
  public int height(int level) {
    return levels.get(level).height;
  }

  /** Anchors at one location, A. */
  public int perLocation() {
    return perLocation;
  }

  /** Anchors of one level: height · width · A. */
  public int count(int level) {
    return height(level) * width(level) * perLocation;
  }

  /** Anchors of all levels. */
  public int count() {
    int count = 0;
    for (int level = 0; level < levels(); level++) {
      count += count(level);
    }
    return count;
  }

  /**
   * Every anchor, in the order level, row, column, anchor.
   *
   * @return (anchors · 4)
   */
  public float[] generate() {
    float[] anchors = new float[count() * 4];
    int at = 0;
    for (int level = 0; level < levels(); level++) {
      for (int row = 0; row < height(level); row++) {
        for (int column = 0; column < width(level); column++) {
          for (int anchor = 0; anchor < perLocation; anchor++) {
            write(level, row, column, anchor, anchors, at);
            at += 4;
          }
        }
      }
    }
    return anchors;
  }

  /** Writes one anchor to {@code boxes[at … at + 3]}. */
  public void write(int level, int row, int column, int anchor, float[] boxes, int at) {
    Level l = levels.get(level);
    float x = l.firstCentre + column * l.stepX;
    float y = l.firstCentre + row * l.stepY;
    boxes[at] = x + l.around0[4 * anchor];
    boxes[at + 1] = y + l.around0[4 * anchor + 1];
    boxes[at + 2] = x + l.around0[4 * anchor + 2];
    boxes[at + 3] = y + l.around0[4 * anchor + 3];
  }

  private static int ceilDivide(int size, int stride) {
    return (size + stride - 1) / stride;
  }

  /** A level's grid: cells, distance of two cells, the first anchors' centre, and the shapes. */
  private static final class Level {
    final int width;
    final int height;
    final int stepX;
    final int stepY;
    final float firstCentre;
    final float[] around0;

    Level(int width, int height, int stepX, int stepY, float firstCentre, float[] around0) {
      this.width = width;
      this.height = height;
      this.stepX = stepX;
      this.stepY = stepY;
      this.firstCentre = firstCentre;
      this.around0 = around0;
    }
  }
}
