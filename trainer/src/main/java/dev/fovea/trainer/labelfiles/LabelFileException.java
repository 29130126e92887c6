package dev.fovea.trainer.labelfiles;

import java.nio.file.Path;

/** A label file that cannot be used; the message names the file, the line and the rule broken. */
public final class LabelFileException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  LabelFileException(Path file, String problem) {
    super(file + ": " + problem);
  }

  LabelFileException(Path file, String problem, Throwable cause) {
    super(file + ": " + problem, cause);
  }

  LabelFileException(Path file, int line, String problem) {
    super(file + ":" + line + ": " + problem);
  }
}
