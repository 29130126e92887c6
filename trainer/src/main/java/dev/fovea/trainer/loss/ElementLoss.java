package dev.fovea.trainer.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/** A class loss that is a sum over outputs, each by itself. */
interface ElementLoss extends ClassLoss {
  /**
   * The loss of every element.
   *
   * @param logits any shape
   * @param targets the same shape
   * @return the same shape
   */
  NDArray elements(NDArray logits, NDArray targets);

  @Override
  default NDArray sum(NDArray logits, Targets targets) {
    NDManager manager = logits.getManager();
    NDArray target = manager.create(targets.classTarget(), logits.getShape());
    NDArray weight = manager.create(targets.classWeight(), logits.getShape());
    return elements(logits, target).mul(weight).sum();
  }
}
