package dev.fovea.trainer.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;

/**
 * Quality focal loss (Li et al. 2020, Generalized Focal Loss, §3.2): a foreground anchor's score is
 * to be the IoU of the box that it predicts, so that of several boxes on an object the best placed
 * is also the surest, and is the one that non-maximum suppression keeps. |y − σ|^γ · cross entropy
 * with y; for the background, where y is 0, that is focal loss without α.
 *
 * @param gamma how much outputs near their target are discounted, the paper's β; at least 1, below
 *     which the gradient at the target itself is not a number
 */
public record QualityFocalLoss(double gamma) implements ElementLoss {

  @Override
  public boolean learnsQuality() {
    return true;
  }

  /**
   * The loss of every element; log(1 + e^x) − y·x is the cross entropy with y.
   *
   * @param logits any shape
   * @param targets the same shape, 0 to 1
   * @return the same shape
   */
  @Override
  public NDArray elements(NDArray logits, NDArray targets) {
    NDArray crossEntropy = Activation.softPlus(logits).sub(logits.mul(targets));
    NDArray distance = targets.sub(Activation.sigmoid(logits)).abs();
    return distance.pow(Constant.of(gamma, logits)).mul(crossEntropy);
  }
}
