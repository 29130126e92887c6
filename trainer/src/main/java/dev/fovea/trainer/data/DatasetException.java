package dev.fovea.trainer.data;

import java.nio.file.Path;

/** A data set that can't be used; the message names the file, the picture and the rule broken. */
public final class DatasetException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public DatasetException(Path file, String problem) {
    super(file + ": " + problem);
  }

  public DatasetException(Path file, String problem, Throwable cause) {
    super(file + ": " + problem, cause);
  }
}
