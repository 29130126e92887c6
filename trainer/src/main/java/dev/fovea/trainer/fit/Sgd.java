package dev.fovea.trainer.fit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;

/**
 * Stochastic gradient descent with momentum, as PyTorch has it: velocity = momentum · velocity +
 * gradient, weight = weight − rate · velocity. The rate is not in the velocity, so that a change of
 * it acts at once (Goyal et al. 2017, §3.1, momentum correction). DJL's own has it in.
 *
 * @param weightDecay added to the gradient, times the weight
 */
record Sgd(double momentum, double weightDecay) implements UpdateRule {
  @Override
  public List<String> moments() {
    return List.of("velocity");
  }

  @Override
  public void update(
      NDArray weight, NDArray gradient, List<NDArray> moments, boolean decayed, Step step) {
    NDArray velocity = moments.get(0);
    velocity.muli((float) momentum);
    try (NDArray pull = gradient.mul(step.shrink())) {
      velocity.addi(pull);
    }
    if (decayed && weightDecay > 0) {
      try (NDArray value = weight.stopGradient();
          NDArray pull = value.mul((float) weightDecay)) {
        velocity.addi(pull);
      }
    }
    weight
        .getNDArrayInternal()
        .sgdUpdate(
            new NDList(weight, velocity),
            new NDList(weight),
            (float) step.learningRate(),
            0,
            1,
            AdamW.NO_ELEMENT_CLIPPING,
            0,
            false);
  }
}
