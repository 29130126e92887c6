package dev.fovea.detector.s3;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * An object or bucket cannot be used; the message is one sentence with its url, the reason, and
 * what to do.
 */
public final class ObjectStoreException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Reason {
    /** The bucket has no such object. */
    NO_OBJECT,
    /** There is no such bucket. */
    NO_BUCKET,
    /** It has more bytes than it may. */
    TOO_LARGE,
    /** The store is away, slow, or does not let us; the same may work later. */
    OUT_OF_REACH
  }

  private final Reason reason;

  ObjectStoreException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
