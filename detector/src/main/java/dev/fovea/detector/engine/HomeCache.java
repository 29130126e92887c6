package dev.fovea.detector.engine;

import java.nio.file.Path;

/** The folder of what Fovea fetches and builds for this machine and can make again. */
public final class HomeCache {
  private HomeCache() {}

  /** {@code $FOVEA_HOME_CACHE}, else {@code ~/.cache/fovea}; the launcher knows it too. */
  public static Path folder() {
    String cache = System.getenv("FOVEA_HOME_CACHE");
    return cache == null || cache.isBlank()
        ? Path.of(System.getProperty("user.home"), ".cache", "fovea")
        : Path.of(cache);
  }
}
