package dev.fovea.trainer.fit;

import java.io.IOException;

/** The loss or its gradient is no longer a number. */
public final class LossDivergedException extends IOException {
  private static final long serialVersionUID = 1;

  private final int step;

  /**
   * @param step counted from 0
   */
  LossDivergedException(int step, double classLoss, double boxLoss, double gradientNorm) {
    super(
        ("the loss is no longer a number at step %d (class %s, box %s, gradient %s): lower"
                + " optimizer.learning-rate, and resume from the last checkpoint")
            .formatted(step, classLoss, boxLoss, gradientNorm));
    this.step = step;
  }

  /** The step it happened at, counted from 0. */
  public int step() {
    return step;
  }
}
