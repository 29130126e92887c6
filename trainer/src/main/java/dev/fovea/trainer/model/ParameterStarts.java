package dev.fovea.trainer.model;

import dev.fovea.trainer.model.NetworkGraph.ParameterSpec;
import java.util.Arrays;
import java.util.Random;

/** Draws parameters' first values; a parameter's depend on the seed and its name only. */
final class ParameterStarts {
  private final long seed;
  private final double prior;

  ParameterStarts(long seed, double prior) {
    this.seed = seed;
    this.prior = prior;
  }

  float[] draw(ParameterSpec spec) {
    Random random = new Random(seed * 0x9E3779B97F4A7C15L + spec.name().hashCode());
    float[] values = new float[spec.size()];
    switch (spec.start()) {
      case HE_FAN_OUT -> normal(random, values, Math.sqrt(2.0 / spec.size() * spec.shape().get(1)));
      case SMALL -> normal(random, values, 0.01);
      case FAN_IN -> uniform(random, values, Math.sqrt(3.0 / spec.size() * spec.shape().get(0)));
      case ONE -> Arrays.fill(values, 1);
      case PRIOR -> Arrays.fill(values, (float) -Math.log((1 - prior) / prior));
      case ZERO -> {}
    }
    return values;
  }

  private static void normal(Random random, float[] values, double deviation) {
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * deviation);
    }
  }

  private static void uniform(Random random, float[] values, double bound) {
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
    }
  }
}
