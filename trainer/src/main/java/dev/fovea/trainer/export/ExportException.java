package dev.fovea.trainer.export;

import java.io.IOException;

/** A release that could not be made; the message says why in one sentence. */
public final class ExportException extends IOException {
  private static final long serialVersionUID = 1L;

  public ExportException(String message) {
    super(message);
  }

  public ExportException(String message, Throwable cause) {
    super(message, cause);
  }
}
