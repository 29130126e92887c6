package dev.fovea.trainer.fit;

import dev.fovea.trainer.settings.OptimizerSettings;

/** Linear warm-up, then half a cosine down to a part of the full rate, or steps down. */
record LearningRate(OptimizerSettings settings, int steps) {

  /** The rate of a step, counted from 0. */
  double at(int step) {
    int warmUp = Math.min(settings.warmUpSteps(), steps);
    double risen = step < warmUp ? (step + 1.0) / warmUp : 1;
    return settings.learningRate()
        * switch (settings.schedule()) {
          case COSINE -> step < warmUp ? risen : cosine(step, warmUp);
          case STEP -> risen * stepped(step);
        };
  }

  private double cosine(int step, int warmUp) {
    double done = (double) (step - warmUp) / Math.max(1, steps - warmUp);
    double cosine = 0.5 * (1 + Math.cos(Math.PI * Math.min(1, done)));
    return settings.finalFactor() + (1 - settings.finalFactor()) * cosine;
  }

  private double stepped(int step) {
    return settings.milestones().stream()
        .filter(milestone -> step >= milestone * steps)
        .reduce(1.0, (rate, passed) -> rate * settings.factor());
  }
}
