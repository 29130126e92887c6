package dev.fovea.trainer.fit;

import dev.fovea.trainer.model.GraphBlock;

/** Exponential moving average of a network's parameters and running statistics. */
final class WeightAverage {
  private final GraphBlock from;
  private final GraphBlock average;
  private final double decay;
  private final float[] kept = new float[TensorMemory.STRETCH];
  private final float[] weight = new float[TensorMemory.STRETCH];

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
    float part = (float) (1 - Math.min(decay, (1.0 + step) / (10.0 + step)));
    for (String name : from.graph().parameters().keySet()) {
      move(TensorMemory.of(average.array(name)), TensorMemory.of(from.array(name)), part);
    }
  }

  private void move(TensorMemory averages, TensorMemory weights, float part) {
    for (int at = 0; at < averages.length(); at += TensorMemory.STRETCH) {
      int count = Math.min(TensorMemory.STRETCH, averages.length() - at);
      averages.read(at, kept, count);
      weights.read(at, weight, count);
      for (int i = 0; i < count; i++) {
        kept[i] += part * (weight[i] - kept[i]);
      }
      averages.write(at, kept, count);
    }
  }
}
