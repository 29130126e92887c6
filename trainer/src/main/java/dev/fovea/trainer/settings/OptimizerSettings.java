package dev.fovea.trainer.settings;

import static dev.fovea.trainer.settings.Block.require;

/** Block {@code optimizer}: how weights follow their gradients. */
public record OptimizerSettings(
    double learningRate,
    double weightDecay,
    int warmUpSteps,
    double finalFactor,
    double gradientNorm,
    double averageDecay) {

  /** Reads and renders it. */
  public static final Block<OptimizerSettings> BLOCK =
      new Block<>("optimizer", OptimizerSettings.class);

  public OptimizerSettings {
    require(learningRate > 0, "optimizer.learning-rate", learningRate, "above 0");
    require(weightDecay >= 0, "optimizer.weight-decay", weightDecay, "0 or more");
    require(warmUpSteps >= 0, "optimizer.warm-up-steps", warmUpSteps, "0 or more");
    require(finalFactor >= 0 && finalFactor <= 1, "optimizer.final-factor", finalFactor, "0 to 1");
    require(gradientNorm > 0, "optimizer.gradient-norm", gradientNorm, "above 0");
    require(
        averageDecay >= 0 && averageDecay < 1,
        "optimizer.average-decay",
        averageDecay,
        "0 or more and below 1");
  }
}
