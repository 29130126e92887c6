package dev.fovea.trainer.weights;

import java.io.IOException;

/** A run of bytes in a file, in which one or more tensors lie. */
interface Storage {
  /** How long it is. */
  long bytes();

  /**
   * Some of it.
   *
   * @throws IOException if the file ends before
   */
  byte[] read(long from, int length) throws IOException;
}
