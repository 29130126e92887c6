package dev.fovea.schema;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;

/**
 * A service's configuration file on top of its documented reference; keys the reference does not
 * know are refused.
 */
public final class StrictConfig {
  private StrictConfig() {}

  /**
   * Loads a service's configuration.
   *
   * @param owner the service's config record; its {@code reference.conf} lies beside it on the
   *     class path
   * @param overrides what the user gave; only keys of the reference, {@code kafka.*} and {@code
   *     cameras.*} are allowed
   */
  public static Config load(Class<?> owner, Config overrides) {
    Config reference = ConfigFactory.parseResources(owner, "reference.conf");
    return overrides.withFallback(reference).resolve();
  }

  /** Parses a user's file; errors name file and line. */
  public static Config parse(Path file) throws ConfigException {
    return ConfigFactory.parseFile(file.toFile());
  }
}
