package dev.fovea.trainer.evaluate;

import java.util.List;

/**
 * Precision against recall of one class.
 *
 * @param label the class's name
 * @param iou least overlap of a hit
 * @param precision (101) the largest precision at or beyond the recalls 0, 0.01, …, 1; 0 where the
 *     recall is never reached
 */
public record PrecisionRecall(String label, double iou, List<Double> precision) {
  private static final int RECALLS = 101;

  public PrecisionRecall {
    precision = List.copyOf(precision);
  }

  /**
   * Reads a ranking's precision as COCO does.
   *
   * @param recalls after each detection, never falling
   * @param precisions after each detection; changed to the largest from there on
   * @return (101) as above
   */
  static double[] read(double[] recalls, double[] precisions) {
    return read(recalls, precisions, recalls.length);
  }

  /** The same of the first {@code length} detections. */
  static double[] read(double[] recalls, double[] precisions, int length) {
    for (int i = length - 2; i >= 0; i--) {
      precisions[i] = Math.max(precisions[i], precisions[i + 1]);
    }
    double[] read = new double[RECALLS];
    int at = 0;
    for (int r = 0; r < RECALLS; r++) {
      double wanted = r == RECALLS - 1 ? 1 : r * (1.0 / (RECALLS - 1));
      while (at < length && recalls[at] < wanted) {
        at++;
      }
      read[r] = at < length ? precisions[at] : 0;
    }
    return read;
  }
}
