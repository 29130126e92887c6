package dev.fovea.sink.store;

/** The database did not do what was asked. The message is one sentence for a person. */
public final class StoreException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean retriable;

  private StoreException(String message, Throwable cause, boolean retriable) {
    super(message, cause);
    this.retriable = retriable;
  }

  /** The database is away or busy: the same may work later. */
  static StoreException passing(String message, Throwable cause) {
    return new StoreException(message, cause, true);
  }

  /** The same would fail again. */
  static StoreException lasting(String message, Throwable cause) {
    return new StoreException(message, cause, false);
  }

  /** Whether the same may be tried again. */
  public boolean isTransient() {
    return retriable;
  }
}
