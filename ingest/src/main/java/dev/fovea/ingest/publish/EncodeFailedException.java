package dev.fovea.ingest.publish;

/** A frame holds no picture that could be recorded; the message says why. */
public final class EncodeFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  EncodeFailedException(String message) {
    super(message);
  }
}
