package dev.fovea.detector.engine;

import dev.fovea.detector.model.ModelLoadException;
import org.jspecify.annotations.Nullable;

/** The engine asked for does not run on this machine; the message says what is missing. */
public final class EngineUnavailableException extends ModelLoadException {
  public EngineUnavailableException(String message) {
    super(message);
  }

  public EngineUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
