package dev.fovea.detector.model;

import org.jspecify.annotations.Nullable;

/** A model that is not served; the message is one sentence naming release, file and rule. */
public class ModelLoadException extends Exception {
  public ModelLoadException(String message) {
    super(message);
  }

  public ModelLoadException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
