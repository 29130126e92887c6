package dev.fovea.trainer.weights;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Weights that cannot be used; the message names the file, mostly the key, and the rule broken. */
public final class WeightsException extends IOException {
  private static final long serialVersionUID = 1L;

  public WeightsException(Path file, String rule) {
    this(file, rule, null);
  }

  public WeightsException(Path file, String rule, @Nullable Throwable cause) {
    super(file + ": " + rule, cause);
  }
}
