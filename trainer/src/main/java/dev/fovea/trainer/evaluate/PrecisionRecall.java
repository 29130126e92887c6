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
  public PrecisionRecall {
    precision = List.copyOf(precision);
  }
}
