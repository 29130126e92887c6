package dev.fovea.trainer.fit;

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
      float[] weight, float[] gradient, float[][] moments, int count, boolean decayed, Step step) {
    float[] velocity = moments[0];
    float keep = (float) momentum;
    float decay = decayed ? (float) weightDecay : 0;
    float rate = (float) step.learningRate();
    float shrink = step.shrink();
    for (int i = 0; i < count; i++) {
      velocity[i] = keep * velocity[i] + shrink * gradient[i] + decay * weight[i];
      weight[i] -= rate * velocity[i];
    }
  }
}
