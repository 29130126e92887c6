package dev.fovea.trainer.export;

import java.io.IOException;

/** A release that training cannot go on from, however often it is tried; the message says why. */
public final class NoWeightsException extends IOException {
  private static final long serialVersionUID = 1L;

  public NoWeightsException(String message) {
    super(message);
  }

  public NoWeightsException(String message, Throwable cause) {
    super(message, cause);
  }
}
