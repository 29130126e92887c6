package dev.fovea.trainer.store;

import dev.fovea.detector.model.ModelLoadException;
import java.nio.file.Path;

/** Finds a release's folder by its uri. */
public interface ReleaseFinder {
  /**
   * The folder on this machine.
   *
   * @throws ModelLoadException in one sentence, if it cannot be had
   */
  Path find(String uri, String manifestSha256) throws ModelLoadException;
}
