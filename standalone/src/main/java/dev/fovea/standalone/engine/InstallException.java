package dev.fovea.standalone.engine;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An installation that failed for good; the message says why, in one sentence. */
public final class InstallException extends IOException {
  private static final long serialVersionUID = 1L;

  InstallException(String message) {
    super(message);
  }

  InstallException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
