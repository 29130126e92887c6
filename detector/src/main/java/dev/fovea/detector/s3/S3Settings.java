package dev.fovea.detector.s3;

import com.typesafe.config.Config;
import dev.fovea.schema.StrictConfig;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * How an S3-compatible store is reached; the {@code s3} block of a {@code reference.conf} documents
 * each. Credentials are no setting: AWS's default chain finds them.
 *
 * @param endpoint empty = AWS's own
 * @param region empty = as AWS's chain says; behind an endpoint of one's own, us-east-1
 * @param pathStyle whether the bucket is in the url's path and not in the host's name
 * @param timeout longest silence of the store
 * @param longestTransfer of one object
 */
public record S3Settings(
    Optional<URI> endpoint,
    Optional<String> region,
    boolean pathStyle,
    Duration timeout,
    Duration longestTransfer) {

  /**
   * Reads the block at a path.
   *
   * @throws com.typesafe.config.ConfigException if a value is out of its range
   */
  public static S3Settings from(Config config, String path) {
    String region = config.getString(path + ".region");
    return new S3Settings(
        endpoint(config, path + ".endpoint"),
        region.isEmpty() ? Optional.empty() : Optional.of(region),
        config.getBoolean(path + ".path-style"),
        StrictConfig.durationBetween(
            config, path + ".timeout", Duration.ofMillis(100), Duration.ofMinutes(10)),
        StrictConfig.durationBetween(
            config, path + ".longest-transfer", Duration.ofSeconds(1), Duration.ofDays(1)));
  }

  private static Optional<URI> endpoint(Config config, String key) {
    String endpoint = config.getString(key);
    if (endpoint.isEmpty()) {
      return Optional.empty();
    }
    if (!endpoint.matches("https?://[A-Za-z0-9.:\\[\\]-]+/?")) {
      throw StrictConfig.refuse(config, key, "must be http://HOST:PORT or https://HOST");
    }
    return Optional.of(URI.create(endpoint));
  }

  /** What answers, for a person. */
  String where() {
    return endpoint.map(URI::toString).orElse("AWS");
  }
}
