package dev.fovea.sink.live;

import java.util.ArrayList;
import java.util.List;

/** Precision over recall in one figure, read at 101 recalls as COCO's evaluation does. */
final class AveragePrecision {
  private static final int RECALLS = 101;

  private AveragePrecision() {}

  /**
   * A box of one class.
   *
   * @param right whether it found an object
   */
  record Ranked(float score, boolean right) {}

  /**
   * The class's AP.
   *
   * @param boxes in any order
   * @param objects how many there were to be found, above 0
   * @return 0 to 1
   */
  static double of(List<Ranked> boxes, int objects) {
    List<Ranked> ranked = new ArrayList<>(boxes);
    ranked.sort((a, b) -> Float.compare(b.score, a.score));
    double[] precision = new double[ranked.size()];
    int[] found = new int[ranked.size()];
    int right = 0;
    for (int i = 0; i < precision.length; i++) {
      right += ranked.get(i).right ? 1 : 0;
      found[i] = right;
      precision[i] = right / (i + 1.0);
    }
    for (int i = precision.length - 2; i >= 0; i--) {
      precision[i] = Math.max(precision[i], precision[i + 1]);
    }
    double sum = 0;
    int at = 0;
    for (int r = 0; r < RECALLS; r++) {
      // found / objects >= r / 100, in whole numbers
      while (at < found.length && 100L * found[at] < (long) r * objects) {
        at++;
      }
      sum += at < precision.length ? precision[at] : 0;
    }
    return sum / RECALLS;
  }
}
