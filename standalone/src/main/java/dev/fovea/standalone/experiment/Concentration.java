package dev.fovea.standalone.experiment;

import dev.fovea.trainer.evaluate.AnchorProbabilities;
import dev.fovea.trainer.loss.FocalLoss;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a trained network's loss is spread over its outputs, as the paper's figure 4 shows it: the
 * outputs sorted by their focal loss, and the part of the whole that the easiest of them make up.
 *
 * @param foreground γ to the cumulative normalised loss of the outputs that should say yes, at the
 *     fractions 0, 1 / {@link #PARTS}, … 1 of them
 * @param background the same of those that should say no
 */
record Concentration(
    long foregroundOutputs,
    long backgroundOutputs,
    Map<Double, List<Double>> foreground,
    Map<Double, List<Double>> background) {
  /** The paper's. */
  static final List<Double> GAMMAS = List.of(0.0, 0.5, 1.0, 2.0);

  static final int PARTS = 200;

  static Concentration of(AnchorProbabilities probabilities) {
    Map<Double, List<Double>> foreground = new TreeMap<>();
    Map<Double, List<Double>> background = new TreeMap<>();
    for (double gamma : GAMMAS) {
      FocalLoss loss = new FocalLoss(-1, gamma);
      foreground.put(gamma, cumulative(probabilities.foreground(), loss));
      background.put(gamma, cumulative(probabilities.background(), loss));
    }
    return new Concentration(
        probabilities.foreground().length,
        probabilities.background().length,
        foreground,
        background);
  }

  /**
   * Cumulative normalised loss.
   *
   * @param probabilities p_t, of the right answer
   */
  static List<Double> cumulative(float[] probabilities, FocalLoss loss) {
    double[] losses = new double[probabilities.length];
    for (int i = 0; i < losses.length; i++) {
      losses[i] = loss.at(probabilities[i]);
    }
    Arrays.sort(losses);
    double total = Arrays.stream(losses).sum();
    Double[] points = new Double[PARTS + 1];
    double sum = 0;
    int done = 0;
    for (int part = 0; part <= PARTS; part++) {
      long until = (long) losses.length * part / PARTS;
      for (; done < until; done++) {
        sum += losses[done];
      }
      points[part] = total > 0 ? sum / total : 0;
    }
    return List.of(points);
  }

  /** As the other, of the line of one γ. */
  static double hardest(Map<Double, List<Double>> lines, double gamma, double fraction) {
    List<Double> cumulative = lines.get(gamma);
    if (cumulative == null) {
      throw new IllegalArgumentException("the results have no line of γ = " + gamma);
    }
    return hardest(cumulative, fraction);
  }

  /** The part of the loss that the hardest outputs make up. */
  static double hardest(List<Double> cumulative, double fraction) {
    return 1 - cumulative.get((int) Math.round((1 - fraction) * PARTS));
  }
}
