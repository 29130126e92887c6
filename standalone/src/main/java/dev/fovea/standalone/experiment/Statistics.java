package dev.fovea.standalone.experiment;

import java.util.List;

/** Mean and spread of a few figures. */
record Statistics(int count, double mean, double deviation) {
  /** The deviation is the sample's (n − 1); 0 for a single figure. */
  static Statistics of(List<Double> values) {
    double mean = values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    double squares = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
    return new Statistics(
        values.size(), mean, values.size() < 2 ? 0 : Math.sqrt(squares / (values.size() - 1)));
  }

  /**
   * Spearman's rank correlation.
   *
   * @param a without equal values
   * @param b without equal values, of the same length
   */
  static double rankCorrelation(List<Double> a, List<Double> b) {
    int n = a.size();
    double squares = 0;
    for (int i = 0; i < n; i++) {
      double difference = rank(a, i) - rank(b, i);
      squares += difference * difference;
    }
    return 1 - 6 * squares / (n * ((double) n * n - 1));
  }

  private static long rank(List<Double> values, int index) {
    return values.stream().filter(v -> v < values.get(index)).count();
  }
}
