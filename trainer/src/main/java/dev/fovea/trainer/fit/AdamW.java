package dev.fovea.trainer.fit;

import java.util.List;

/**
 * AdamW (Loshchilov and Hutter 2019, algorithm 2), as PyTorch has it.
 *
 * @param weightDecay decoupled: a part of the weight is taken off, whatever the gradient
 */
record AdamW(double weightDecay) implements UpdateRule {
  private static final float BETA1 = 0.9f;
  private static final float BETA2 = 0.999f;
  private static final float EPSILON = 1e-8f;

  @Override
  public List<String> moments() {
    return List.of("mean", "variance");
  }

  @Override
  public void update(
      float[] weight, float[] gradient, float[][] moments, int count, boolean decayed, Step step) {
    float[] mean = moments[0];
    float[] variance = moments[1];
    double t = step.number() + 1.0;
    float keep = decayed ? (float) (1 - step.learningRate() * weightDecay) : 1;
    float rate = (float) (step.learningRate() / (1 - Math.pow(BETA1, t)));
    float spread = (float) (1 / Math.sqrt(1 - Math.pow(BETA2, t)));
    float shrink = step.shrink();
    for (int i = 0; i < count; i++) {
      float pull = shrink * gradient[i];
      mean[i] = BETA1 * mean[i] + (1 - BETA1) * pull;
      variance[i] = BETA2 * variance[i] + (1 - BETA2) * pull * pull;
      float deviation = (float) Math.sqrt(variance[i]) * spread + EPSILON;
      weight[i] = keep * weight[i] - rate * mean[i] / deviation;
    }
  }
}
