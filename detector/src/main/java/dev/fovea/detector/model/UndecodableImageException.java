package dev.fovea.detector.model;

/**
 * A picture that is refused or cannot be decoded. The message is one sentence that names the rule;
 * the picture's sender is the one at fault, so a stack trace is not taken.
 */
public final class UndecodableImageException extends Exception {
  public UndecodableImageException(String message) {
    super(message, null, false, false);
  }
}
