package dev.fovea.trainer.fit;

import dev.fovea.trainer.evaluate.CocoMetrics;
import dev.fovea.trainer.export.ReleaseSummary;
import java.nio.file.Path;

/** Told what a run does, on the run's thread. */
public interface ProgressListener {
  /** Hears nothing. */
  ProgressListener SILENT = new ProgressListener() {};

  /**
   * One step.
   *
   * @param step steps done
   * @param classLoss focal loss, per foreground anchor
   * @param boxLoss box loss, per foreground anchor, before its weight
   * @param gradientNorm before clipping
   * @param picturesPerSecond since the run started or resumed
   */
  record Step(
      int step,
      int steps,
      double classLoss,
      double boxLoss,
      double gradientNorm,
      double learningRate,
      double picturesPerSecond) {}

  /** Training begins at a step, in words what and on what. */
  default void started(int step, int steps, String description) {}

  /** Whether to stop here, with a checkpoint; asked after each step. */
  default boolean isStopAsked() {
    return false;
  }

  /** A step is done. */
  default void stepped(Step step) {}

  /** A stretch of evaluation: pictures done, of how many. */
  default void evaluating(int pictures, int of) {}

  /** The averaged weights were evaluated. */
  default void evaluated(int step, CocoMetrics metrics, int pictures) {}

  /** No evaluation was better for too long: the run ends, with the best one's weights. */
  default void stoppedEarly(int step, int bestStep, double bestAp) {}

  /** A checkpoint is on disk. */
  default void saved(int step, Path checkpoint) {}

  /** The release is on disk. */
  default void released(ReleaseSummary release) {}
}
