package dev.fovea.trainer.loss;

import dev.fovea.detector.geometry.AnchorGenerator;
import dev.fovea.detector.geometry.BoxCoder;
import dev.fovea.detector.geometry.Boxes;
import dev.fovea.trainer.TrainSettings;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Turns the truth of a batch into targets in the layout of the network's raw outputs, so that no
 * output has to be transposed: a picture's class row is its levels' (A·K, H, W) one after another,
 * its box row their (A·4, H, W). Plain arrays: with a few boxes a picture this is faster than
 * tensors, and it runs off the training thread. Immutable.
 */
public final class TargetAssigner {
  /** An anchor that lies in a crowd by more than this part of its area is ignored. */
  private static final float MOSTLY = 0.5f;

  private final AnchorGenerator generator;
  private final float[] anchors;
  private final AnchorMatcher matcher;
  private final int classes;
  private final BoxCoder coder = new BoxCoder();

  /**
   * @param classes K
   */
  public TargetAssigner(AnchorGenerator generator, AnchorMatcher matcher, int classes) {
    this.generator = generator;
    this.anchors = generator.generate();
    this.matcher = matcher;
    this.classes = classes;
  }

  /**
   * As set, for an input of this size.
   *
   * @param classes K
   */
  public static TargetAssigner of(TrainSettings settings, int classes, int widthPx, int heightPx) {
    AnchorGenerator anchors = AnchorGenerator.of(settings.anchors().shapes(), widthPx, heightPx);
    return new TargetAssigner(anchors, AnchorMatcher.of(settings.matching(), anchors), classes);
  }

  /** Length of a picture's class row, ΣH·W·A·K. */
  public int classRow() {
    return generator.count() * classes;
  }

  /** Length of a picture's box row, ΣH·W·A·4. */
  public int boxRow() {
    return generator.count() * 4;
  }

  /** Assigns a batch. */
  public Targets assign(List<Truth> batch) {
    int classRow = classRow();
    float[] classTarget = new float[batch.size() * classRow];
    float[] classWeight = new float[batch.size() * classRow];
    int[][] matches = new int[batch.size()][];
    int foreground = 0;
    for (int n = 0; n < batch.size(); n++) {
      matches[n] = match(batch.get(n));
      foreground += (int) Arrays.stream(matches[n]).filter(m -> m >= 0).count();
    }
    Foreground found = new Foreground(foreground);
    for (int n = 0; n < batch.size(); n++) {
      write(n, batch.get(n), matches[n], classTarget, classWeight, found);
    }
    return new Targets(
        classTarget,
        classWeight,
        found.classIndex,
        found.boxIndex,
        found.deltas,
        found.anchors,
        found.boxes);
  }

  private int[] match(Truth truth) {
    int[] matches = matcher.match(anchors, truth.boxes());
    for (int crowd = 0; crowd < truth.crowds().length; crowd += 4) {
      for (int anchor = 0; anchor < matches.length; anchor++) {
        if (matches[anchor] == AnchorMatcher.BACKGROUND
            && Boxes.intersection(anchors, 4 * anchor, truth.crowds(), crowd)
                > MOSTLY * Boxes.area(anchors, 4 * anchor)) {
          matches[anchor] = AnchorMatcher.IGNORED;
        }
      }
    }
    return matches;
  }

  private void write(
      int n,
      Truth truth,
      int[] matches,
      float[] classTarget,
      float[] classWeight,
      Foreground found) {
    int perLocation = generator.perLocation();
    int anchor = 0;
    int levelStart = 0; // in anchors
    for (int level = 0; level < generator.levels(); level++) {
      int plane = generator.height(level) * generator.width(level);
      int classStart = n * classRow() + levelStart * classes;
      int boxStart = n * boxRow() + levelStart * 4;
      for (int position = 0; position < plane; position++) {
        for (int a = 0; a < perLocation; a++, anchor++) {
          int match = matches[anchor];
          if (match == AnchorMatcher.IGNORED) {
            continue;
          }
          int first = classStart + a * classes * plane + position;
          for (int k = 0; k < classes; k++) {
            classWeight[first + k * plane] = 1;
          }
          if (match >= 0) {
            int right = first + truth.labels()[match] * plane;
            classTarget[right] = 1;
            int box = boxStart + a * 4 * plane + position;
            found.add(right, box, plane, anchor, truth.boxes(), match);
          } else {
            for (int k : unmarkedAt(truth, anchor)) {
              classWeight[first + k * plane] = 0;
            }
          }
        }
      }
      levelStart += generator.count(level);
    }
  }

  /** Of the part that the anchor's centre lies in. */
  private Set<Integer> unmarkedAt(Truth truth, int anchor) {
    float x = (anchors[4 * anchor] + anchors[4 * anchor + 2]) / 2;
    float y = (anchors[4 * anchor + 1] + anchors[4 * anchor + 3]) / 2;
    for (Truth.Part part : truth.parts()) {
      if (part.contains(x, y)) {
        return part.unmarked();
      }
    }
    return Set.of();
  }

  /** Collects the foreground anchors of a batch. */
  private final class Foreground {
    final int[] classIndex;
    final int[] boxIndex;
    final float[] deltas;
    final float[] anchors;
    final float[] boxes;
    int count;

    Foreground(int size) {
      classIndex = new int[size];
      boxIndex = new int[4 * size];
      deltas = new float[4 * size];
      anchors = new float[4 * size];
      boxes = new float[4 * size];
    }

    void add(int right, int first, int plane, int anchor, float[] truth, int box) {
      classIndex[count] = right;
      int at = 4 * count++;
      for (int side = 0; side < 4; side++) {
        boxIndex[at + side] = first + side * plane;
      }
      System.arraycopy(TargetAssigner.this.anchors, 4 * anchor, anchors, at, 4);
      System.arraycopy(truth, 4 * box, boxes, at, 4);
      coder.encode(truth, 4 * box, TargetAssigner.this.anchors, 4 * anchor, deltas, at);
    }
  }
}
