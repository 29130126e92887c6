package dev.fovea.detector.stream;

import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.schema.avro.ModelRelease;

/** Makes a release ready to serve. */
public interface ReleaseLoader {
  /**
   * Verifies, loads and warms up a release.
   *
   * @throws dev.fovea.detector.model.ReleaseOutOfReachException if it cannot be had now, but maybe
   *     later
   * @throws ModelLoadException in one sentence, if it is not what the release says it is or does
   *     not run
   */
  BatchModel load(ModelRelease release) throws ModelLoadException;
}
