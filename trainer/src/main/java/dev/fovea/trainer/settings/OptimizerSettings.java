package dev.fovea.trainer.settings;

import static dev.fovea.trainer.settings.Block.require;

import java.util.List;

/** Block {@code optimizer}: how weights follow their gradients. */
public record OptimizerSettings(
    Kind kind,
    double momentum,
    double learningRate,
    double weightDecay,
    int warmUpSteps,
    Course schedule,
    List<Double> milestones,
    double factor,
    double finalFactor,
    double gradientNorm,
    double averageDecay) {

  /** Reads and renders it. */
  public static final Block<OptimizerSettings> BLOCK =
      new Block<>("optimizer", OptimizerSettings.class);

  /** The rule. */
  public enum Kind {
    ADAMW,
    SGD
  }

  /** How the learning rate falls after the warm-up. */
  public enum Course {
    COSINE,
    STEP
  }

  public OptimizerSettings {
    require(momentum >= 0 && momentum < 1, "optimizer.momentum", momentum, "0 or more and below 1");
    require(
        milestones.stream().allMatch(m -> m > 0 && m <= 1)
            && milestones.stream().sorted().toList().equals(milestones),
        "optimizer.milestones",
        milestones,
        "parts of the run, above 0 and at most 1, in ascending order");
    milestones = List.copyOf(milestones);
    require(factor > 0 && factor <= 1, "optimizer.factor", factor, "above 0 and at most 1");
    require(learningRate > 0, "optimizer.learning-rate", learningRate, "above 0");
    require(weightDecay >= 0, "optimizer.weight-decay", weightDecay, "0 or more");
    require(warmUpSteps >= 0, "optimizer.warm-up-steps", warmUpSteps, "0 or more");
    require(finalFactor >= 0 && finalFactor <= 1, "optimizer.final-factor", finalFactor, "0 to 1");
    require(gradientNorm >= 0, "optimizer.gradient-norm", gradientNorm, "0 or more");
    require(
        averageDecay >= 0 && averageDecay < 1,
        "optimizer.average-decay",
        averageDecay,
        "0 or more and below 1");
  }
}
