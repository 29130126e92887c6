package dev.fovea.trainer.labels;

import java.nio.file.Path;

/**
 * The archive cannot be read or written; the message names the file, what is wrong and what to do.
 * What the last version says still holds.
 */
public final class LabelArchiveException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LabelArchiveException(Path file, String problem) {
    super(file + ": " + problem);
  }

  LabelArchiveException(Path file, String problem, Throwable cause) {
    super(file + ": " + problem, cause);
  }
}
