package dev.fovea.trainer.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;

/**
 * Sigmoid focal loss (Lin et al. 2017, §3): α_t (1 − p_t)^γ · cross entropy, over all anchors.
 *
 * @param alpha weight of the positives; negatives have 1 − alpha. Below 0: both have 1
 * @param gamma how much easy examples are discounted; 0 is cross entropy
 */
public record FocalLoss(double alpha, double gamma) implements ElementLoss {
  private static final double UNBALANCED = -1;

  /** Every output counts the same. */
  public static FocalLoss crossEntropy() {
    return new FocalLoss(UNBALANCED, 0);
  }

  /** The paper's α-balanced cross entropy (§3.1). */
  public static FocalLoss balancedCrossEntropy(double alpha) {
    return new FocalLoss(alpha, 0);
  }

  /**
   * The loss of one output, without α.
   *
   * @param probability p_t, of the right answer; above 0
   */
  public double at(double probability) {
    return -Math.pow(1 - probability, gamma) * Math.log(probability);
  }

  /**
   * The loss of every element. With z = ±x, positive where the output is right, cross entropy is
   * log(1 + e^−z) and 1 − p_t is e^−log(1 + e^z): no logit overflows, and no power of 0 gives a
   * gradient that is not a number where γ is below 1.
   *
   * @param logits any shape
   * @param targets the same shape, 0 or 1
   * @return the same shape
   */
  @Override
  public NDArray elements(NDArray logits, NDArray targets) {
    NDArray z = logits.mul(targets.mul(Constant.of(2, targets)).sub(1f));
    NDArray loss = Activation.softPlus(z.neg());
    if (gamma != 0) {
      // log(1 + e^z) = z + log(1 + e^−z)
      loss = loss.mul(z.add(loss).mul(Constant.of(-gamma, z)).exp());
    }
    if (alpha >= 0) {
      NDArray slope = Constant.of(2 * alpha - 1, targets);
      loss = loss.mul(targets.mul(slope).add((float) (1 - alpha)));
    }
    return loss;
  }
}
