package dev.fovea.trainer.fit;

import ai.djl.ndarray.NDArray;
import dev.fovea.trainer.model.GraphBlock;

/** Exponential moving average of a network's parameters and running statistics. */
final class WeightAverage {
  private final GraphBlock from;
  private final GraphBlock average;
  private final double decay;

  WeightAverage(GraphBlock from, GraphBlock average, double decay) {
    this.from = from;
    this.average = average;
    this.decay = decay;
  }

  /**
   * Takes a step's parameters in; early steps count more, so that the first weights are soon
   * forgotten.
   */
  void update(int step) {
    double keep = Math.min(decay, (1.0 + step) / (10.0 + step));
    for (String name : from.graph().parameters().keySet()) {
      NDArray target = average.array(name);
      try (NDArray detached = from.array(name).stopGradient();
          NDArray difference = detached.sub(target);
          NDArray part = difference.mul((float) (1 - keep))) {
        target.addi(part);
      }
    }
  }
}
