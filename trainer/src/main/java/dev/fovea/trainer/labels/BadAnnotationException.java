package dev.fovea.trainer.labels;

/** An annotation that breaks a rule; the message names the camera, what was found and the rule. */
public final class BadAnnotationException extends Exception {
  private static final long serialVersionUID = 1L;

  BadAnnotationException(String message) {
    super(message);
  }

  BadAnnotationException(String message, Throwable cause) {
    super(message, cause);
  }
}
