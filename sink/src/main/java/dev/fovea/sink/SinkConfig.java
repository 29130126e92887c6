package dev.fovea.sink;

import com.typesafe.config.Config;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.StrictConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The sink's configuration; {@code reference.conf} beside this class documents every key.
 *
 * @param host address the dashboard listens on
 * @param port its TCP port; 0 = any free one
 * @param allowedHosts host names under which browsers may reach it; empty = those that fit {@code
 *     host}
 * @param dataFolder where the database file and the streams' state lie
 * @param store the database
 * @param countsGrace how long a window stays open for late records
 * @param streamThreads threads of the topology
 * @param waitingPictureBytes bound on the pictures that wait for their answer
 * @param detectorGroup consumer group of the detector, whose lag is shown
 * @param accuracyWindow how far back measured accuracy goes
 * @param kafka how Kafka is reached
 */
public record SinkConfig(
    String host,
    int port,
    List<String> allowedHosts,
    Path dataFolder,
    Store store,
    Duration countsGrace,
    int streamThreads,
    long waitingPictureBytes,
    String detectorGroup,
    Duration accuracyWindow,
    KafkaSettings kafka) {

  /**
   * @param url JDBC url of a PostgreSQL database; empty = a DuckDB file in the data folder
   * @param user its user; empty = as the url says
   * @param password its password
   * @param duckDbMemory bound on DuckDB's own memory
   * @param writeInterval how long records are gathered for one transaction
   * @param giveUpAfter how long the database may be away before the sink stops with an error
   * @param keepDetections age at which rows of answers and boxes are removed
   * @param keepCounts age at which rows of counts are removed
   */
  public record Store(
      String url,
      String user,
      String password,
      String duckDbMemory,
      Duration writeInterval,
      Duration giveUpAfter,
      Duration keepDetections,
      Duration keepCounts) {

    /** Names everything but passwords; a url's parameters may hold one. */
    @Override
    public String toString() {
      return "Store[url="
          + url.replaceFirst("\\?.*", "?…")
          + ", user="
          + user
          + ", writeInterval="
          + writeInterval
          + "]";
    }
  }

  public SinkConfig {
    allowedHosts = List.copyOf(allowedHosts);
  }

  /**
   * Reads and checks what {@link StrictConfig#load} gave.
   *
   * @throws com.typesafe.config.ConfigException naming key, value and rule
   */
  public static SinkConfig from(Config config) {
    String url = config.getString("store.url");
    if (!url.isEmpty() && !url.startsWith("jdbc:postgresql:")) {
      throw StrictConfig.refuse(
          config, "store.url", "must be empty (DuckDB) or start with jdbc:postgresql:");
    }
    String memory = config.getString("store.duckdb-memory");
    if (!memory.matches("[1-9][0-9]{0,6} ?[MG]i?B")) {
      throw StrictConfig.refuse(
          config, "store.duckdb-memory", "must be a size of DuckDB's, such as 512MB or 2GB");
    }
    long waiting = config.getBytes("live.waiting-pictures");
    if (waiting < 1 << 20) {
      throw StrictConfig.refuse(config, "live.waiting-pictures", "must be at least 1 MiB");
    }
    return new SinkConfig(
        config.getString("http.host"),
        StrictConfig.intBetween(config, "http.port", 0, 65_535),
        config.getStringList("http.allowed-hosts"),
        Path.of(config.getString("data-dir")),
        new Store(
            url,
            config.getString("store.user"),
            config.getString("store.password"),
            memory,
            time(config, "store.write-interval", Duration.ofMillis(10), Duration.ofMinutes(1)),
            time(config, "store.give-up-after", Duration.ofSeconds(1), Duration.ofDays(7)),
            time(config, "store.keep-detections", Duration.ofMinutes(1), Duration.ofDays(36_500)),
            time(config, "store.keep-counts", Duration.ofMinutes(1), Duration.ofDays(36_500))),
        time(config, "counts.grace", Duration.ZERO, Duration.ofHours(1)),
        StrictConfig.intBetween(config, "counts.threads", 1, 64),
        waiting,
        config.getString("live.detector-group"),
        time(config, "live.accuracy-window", Duration.ofSeconds(1), Duration.ofHours(1)),
        KafkaSettings.from(config.getConfig("kafka")));
  }

  private static Duration time(Config config, String key, Duration min, Duration max) {
    return StrictConfig.durationBetween(config, key, min, max);
  }
}
