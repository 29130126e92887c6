package dev.fovea.trainer.fit;

import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Keeps the weights of the best evaluation, and says when too many have not been better. Not for
 * use by two threads.
 */
final class EarlyStop {
  private final int patience;
  private Optional<Checkpoint.Best> best;

  /**
   * @param patience evaluations without a better AP; 0: neither keeps nor stops
   * @param best to go on from
   */
  EarlyStop(int patience, Optional<Checkpoint.Best> best) {
    this.patience = patience;
    this.best = best;
  }

  boolean isOn() {
    return patience > 0;
  }

  /**
   * An evaluation is done.
   *
   * @param ap NaN, of pictures without a box, is no better than any
   * @param average the weights; asked for only if it is the best
   */
  void evaluated(int step, double ap, Supplier<Map<String, float[]>> average) {
    double found = Double.isNaN(ap) ? 0 : ap;
    if (best.isEmpty() || found > best.get().ap()) {
      best = Optional.of(new Checkpoint.Best(step, found, 0, average.get()));
    } else {
      best = best.map(Checkpoint.Best::passedOver);
    }
  }

  boolean isExhausted() {
    return isOn() && best.isPresent() && best.get().since() >= patience;
  }

  Optional<Checkpoint.Best> best() {
    return best;
  }
}
