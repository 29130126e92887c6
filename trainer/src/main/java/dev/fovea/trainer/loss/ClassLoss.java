package dev.fovea.trainer.loss;

import ai.djl.ndarray.NDArray;

/** Loss on a batch's class outputs: what counts, and how much. */
public interface ClassLoss {
  /**
   * Sums the loss over all that counts.
   *
   * @param logits (N, L), in the layout of {@link TargetAssigner}
   * @return scalar, on the logits' manager, not divided by anything
   */
  NDArray sum(NDArray logits, Targets targets);

  /**
   * Whether a foreground anchor's target is the IoU of its predicted box with the truth, in place
   * of 1.
   */
  default boolean learnsQuality() {
    return false;
  }
}
