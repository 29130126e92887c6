package dev.fovea.standalone.download;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A download that failed for good; the message says why and what to do, in one sentence. */
public final class DownloadException extends IOException {
  private static final long serialVersionUID = 1L;

  DownloadException(String message) {
    super(message);
  }

  DownloadException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
