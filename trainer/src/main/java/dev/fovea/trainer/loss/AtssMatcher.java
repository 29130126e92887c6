package dev.fovea.trainer.loss;

import dev.fovea.detector.geometry.AnchorGenerator;
import dev.fovea.detector.geometry.Boxes;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Adaptive training sample selection (Zhang et al. 2020, Bridging the Gap Between Anchor-based and
 * Anchor-free Detection, §4, algorithm 1): a box's candidates are the anchors nearest to its centre
 * on every level; those whose IoU is at least the mean plus the standard deviation of all its
 * candidates', and whose centre is in the box, are foreground. No threshold has to fit the size of
 * the objects.
 *
 * <p>A box that no candidate finds this way, such as one narrower than a stride, gets its
 * candidates of the highest IoU. An anchor of several boxes goes to the one it overlaps most.
 */
public final class AtssMatcher implements AnchorMatcher {
  private final AnchorGenerator generator;
  private final int nearest;

  /**
   * @param generator made the anchors that will be matched
   * @param nearest candidate locations a level; the paper's k, 9
   */
  public AtssMatcher(AnchorGenerator generator, int nearest) {
    this.generator = generator;
    this.nearest = nearest;
  }

  @Override
  public int[] match(float[] anchors, float[] boxes) {
    int[] matches = new int[anchors.length / 4];
    Arrays.fill(matches, BACKGROUND);
    float[] matchedIou = new float[matches.length];
    for (int box = 0; box < boxes.length / 4; box++) {
      int[] candidates = candidates(anchors, boxes, 4 * box);
      float[] iou = new float[candidates.length];
      for (int i = 0; i < iou.length; i++) {
        iou[i] = Boxes.iou(boxes, 4 * box, anchors, 4 * candidates[i]);
      }
      boolean[] found = found(anchors, boxes, 4 * box, candidates, iou);
      for (int i = 0; i < iou.length; i++) {
        if (found[i] && iou[i] > matchedIou[candidates[i]]) {
          matches[candidates[i]] = box;
          matchedIou[candidates[i]] = iou[i];
        }
      }
    }
    return matches;
  }

  /** All anchors of the locations of each level that are nearest to the box's centre. */
  private int[] candidates(float[] anchors, float[] boxes, int box) {
    float x = (boxes[box] + boxes[box + 2]) / 2;
    float y = (boxes[box + 1] + boxes[box + 3]) / 2;
    int perLocation = generator.perLocation();
    IntStream chosen = IntStream.empty();
    int first = 0; // anchor of the level
    for (int level = 0; level < generator.levels(); level++) {
      int locations = generator.height(level) * generator.width(level);
      for (int location : nearest(anchors, first, locations, x, y)) {
        int from = first + location * perLocation;
        chosen = IntStream.concat(chosen, IntStream.range(from, from + perLocation));
      }
      first += generator.count(level);
    }
    return chosen.toArray();
  }

  /** Selection by insertion: k is small and the level is large. */
  private int[] nearest(float[] anchors, int first, int locations, float x, float y) {
    int count = Math.min(nearest, locations);
    int[] best = new int[count];
    float[] bestDistance = new float[count];
    Arrays.fill(bestDistance, Float.POSITIVE_INFINITY);
    for (int location = 0; location < locations; location++) {
      int anchor = 4 * (first + location * generator.perLocation());
      float dx = (anchors[anchor] + anchors[anchor + 2]) / 2 - x;
      float dy = (anchors[anchor + 1] + anchors[anchor + 3]) / 2 - y;
      float distance = dx * dx + dy * dy;
      int at = count;
      while (at > 0 && distance < bestDistance[at - 1]) {
        at--;
      }
      if (at < count) {
        System.arraycopy(best, at, best, at + 1, count - at - 1);
        System.arraycopy(bestDistance, at, bestDistance, at + 1, count - at - 1);
        best[at] = location;
        bestDistance[at] = distance;
      }
    }
    return best;
  }

  private static boolean[] found(
      float[] anchors, float[] boxes, int box, int[] candidates, float[] iou) {
    double threshold = meanPlusDeviation(iou);
    boolean[] found = new boolean[iou.length];
    boolean any = false;
    for (int i = 0; i < iou.length; i++) {
      found[i] = iou[i] >= threshold && centreInside(anchors, 4 * candidates[i], boxes, box);
      any |= found[i];
    }
    float best = 0;
    for (float value : iou) {
      best = Math.max(best, value);
    }
    for (int i = 0; i < iou.length && !any; i++) {
      found[i] = iou[i] == best && best > 0;
    }
    return found;
  }

  /** The deviation is the sample's (n − 1), as in the authors' code. */
  private static double meanPlusDeviation(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    double mean = sum / values.length;
    double squares = 0;
    for (float value : values) {
      squares += (value - mean) * (value - mean);
    }
    return mean + Math.sqrt(squares / Math.max(1, values.length - 1));
  }

  private static boolean centreInside(float[] anchors, int anchor, float[] boxes, int box) {
    float x = (anchors[anchor] + anchors[anchor + 2]) / 2;
    float y = (anchors[anchor + 1] + anchors[anchor + 3]) / 2;
    return x > boxes[box] && x < boxes[box + 2] && y > boxes[box + 1] && y < boxes[box + 3];
  }
}
