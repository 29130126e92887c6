package dev.fovea.trainer.fit;

import ai.djl.ndarray.NDArray;
import java.util.List;

/** How a parameter follows its gradient. Holds no state; the moments are the optimizer's. */
interface UpdateRule {

  /** Names of the moments that a parameter has; each has its shape and starts at 0. */
  List<String> moments();

  /**
   * Moves a parameter and its moments, in place.
   *
   * @param moments in the order of {@link #moments()}
   * @param decayed whether weight decay acts on it
   */
  void update(NDArray weight, NDArray gradient, List<NDArray> moments, boolean decayed, Step step);

  /**
   * What is the same for all parameters.
   *
   * @param number counted from 0
   * @param shrink factor on the gradients, at most 1
   */
  record Step(int number, double learningRate, float shrink) {}
}
