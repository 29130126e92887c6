package dev.fovea.standalone.audit;

import org.jspecify.annotations.Nullable;

/** An audit that could not be made; the message says why, in one sentence. */
public final class CannotTellException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CannotTellException(String message) {
    super(message);
  }

  CannotTellException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
