package dev.fovea.detector.engine;

import java.io.IOException;

/** A plan that was not built; the message says why, in one sentence. */
public final class PlanBuildException extends IOException {
  private static final long serialVersionUID = 1L;

  PlanBuildException(String message) {
    super(message);
  }
}
