package dev.fovea.detector.engine;

/** A run of the graph that failed. */
public final class InferenceException extends RuntimeException {
  public InferenceException(String message, Throwable cause) {
    super(message, cause);
  }
}
