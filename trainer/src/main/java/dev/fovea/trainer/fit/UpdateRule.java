package dev.fovea.trainer.fit;

import java.util.List;

/** How a parameter follows its gradient. Holds no state; the moments are the optimizer's. */
interface UpdateRule {

  /** Names of the moments that a parameter has; each has its shape and starts at 0. */
  List<String> moments();

  /**
   * Moves some of a parameter's values and their moments, in place.
   *
   * @param gradient left as it is
   * @param moments in the order of {@link #moments()}
   * @param count values, from the arrays' start
   * @param decayed whether weight decay acts on the parameter
   */
  void update(
      float[] weight, float[] gradient, float[][] moments, int count, boolean decayed, Step step);

  /**
   * What is the same for all parameters.
   *
   * @param number counted from 0
   * @param shrink factor on the gradients, at most 1
   */
  record Step(int number, double learningRate, float shrink) {}
}
