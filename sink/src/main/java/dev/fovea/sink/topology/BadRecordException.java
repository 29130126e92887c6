package dev.fovea.sink.topology;

/** A record that breaks its contract: it becomes a dead letter, and the next one is worked on. */
public final class BadRecordException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BadRecordException(String message) {
    super(message);
  }
}
