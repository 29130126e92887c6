package dev.fovea.trainer.fit;

/** Training has ended where it was asked to; it goes on from the checkpoint on disk. */
public final class TrainingStopped extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public TrainingStopped(String message) {
    super(message);
  }
}
