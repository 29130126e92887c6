package dev.fovea.plan;

/** TensorRT made no plan; the message says why. */
final class RefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  RefusedException(String message) {
    super(message);
  }
}
