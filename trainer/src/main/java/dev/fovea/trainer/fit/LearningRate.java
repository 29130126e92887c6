package dev.fovea.trainer.fit;

import dev.fovea.trainer.settings.OptimizerSettings;

/** Linear warm-up, then half a cosine down to a part of the full rate. */
record LearningRate(OptimizerSettings settings, int steps) {

  /** The rate of a step, counted from 0. */
  double at(int step) {
    int warmUp = Math.min(settings.warmUpSteps(), steps);
    if (step < warmUp) {
      return settings.learningRate() * (step + 1) / warmUp;
    }
    double done = (double) (step - warmUp) / Math.max(1, steps - warmUp);
    double cosine = 0.5 * (1 + Math.cos(Math.PI * Math.min(1, done)));
    return settings.learningRate()
        * (settings.finalFactor() + (1 - settings.finalFactor()) * cosine);
  }
}
