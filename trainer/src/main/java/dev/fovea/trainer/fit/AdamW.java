package dev.fovea.trainer.fit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;

/**
 * AdamW (Loshchilov and Hutter 2019), as PyTorch has it, through DJL's arithmetic.
 *
 * @param weightDecay decoupled: a part of the weight is taken off, whatever the gradient
 */
record AdamW(double weightDecay) implements UpdateRule {
  private static final float BETA1 = 0.9f;
  private static final float BETA2 = 0.999f;
  private static final float EPSILON = 1e-8f;

  /** Below 0: DJL takes 0 for a clip of every positive gradient to 0. */
  static final float NO_ELEMENT_CLIPPING = -1;

  @Override
  public List<String> moments() {
    return List.of("mean", "variance");
  }

  @Override
  public void update(
      NDArray weight, NDArray gradient, List<NDArray> moments, boolean decayed, Step step) {
    double t = step.number() + 1.0;
    double correction = Math.sqrt(1 - Math.pow(BETA2, t)) / (1 - Math.pow(BETA1, t));
    weight
        .getNDArrayInternal()
        .adamUpdate(
            new NDList(weight, gradient, moments.get(0), moments.get(1)),
            new NDList(weight),
            (float) step.learningRate(),
            (float) (step.learningRate() * correction),
            decayed ? (float) weightDecay : 0,
            step.shrink(),
            NO_ELEMENT_CLIPPING,
            BETA1,
            BETA2,
            EPSILON,
            false,
            true);
  }
}
