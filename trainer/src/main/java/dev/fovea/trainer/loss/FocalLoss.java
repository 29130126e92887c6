package dev.fovea.trainer.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;

/**
 * Sigmoid focal loss (Lin et al. 2017, §3): α_t (1 − p_t)^γ · cross entropy.
 *
 * @param alpha weight of the positives; negatives have 1 − alpha. Below 0: both have 1
 * @param gamma how much easy examples are discounted; 0 is cross entropy
 */
public record FocalLoss(double alpha, double gamma) {

  /**
   * The loss of every element.
   *
   * @param logits any shape
   * @param targets the same shape, 0 or 1
   * @return the same shape
   */
  public NDArray elements(NDArray logits, NDArray targets) {
    NDArray p = Activation.sigmoid(logits);
    // log(1 + e^x) − x·t: cross entropy without overflow.
    NDArray loss = Activation.softPlus(logits).sub(logits.mul(targets));
    if (gamma != 0) {
      // 1 − p_t = p + t − 2·p·t
      NDArray miss = p.add(targets).sub(p.mul(targets).mul(2f));
      loss = loss.mul(gamma == 2 ? miss.mul(miss) : miss.pow((float) gamma));
    }
    if (alpha >= 0) {
      loss = loss.mul(targets.mul((float) (2 * alpha - 1)).add((float) (1 - alpha)));
    }
    return loss;
  }
}
