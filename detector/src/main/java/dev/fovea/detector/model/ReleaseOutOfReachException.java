package dev.fovea.detector.model;

import org.jspecify.annotations.Nullable;

/** A release that cannot be had now, through no fault of its own; it may be had later. */
public final class ReleaseOutOfReachException extends ModelLoadException {
  private static final long serialVersionUID = 1L;

  public ReleaseOutOfReachException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
