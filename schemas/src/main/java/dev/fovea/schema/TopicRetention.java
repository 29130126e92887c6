package dev.fovea.schema;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.TopicConfig;

/**
 * What a topic keeps, from {@code kafka.topics.NAME} of the configuration.
 *
 * @param retention how long records are kept, {@link #FOREVER} included; empty = the topic is
 *     compacted and keeps the last record of each key
 * @param retentionBytes most bytes a partition keeps in closed segments; -1 = no limit
 * @param segmentBytes size at which a segment is closed; only closed ones are deleted or compacted
 * @param segmentTime age at which a segment is closed
 */
public record TopicRetention(
    Optional<Duration> retention, long retentionBytes, int segmentBytes, Duration segmentTime) {
  /** Records are never deleted for their age. */
  public static final Duration FOREVER = Duration.ofMillis(Long.MAX_VALUE);

  private static final String FOREVER_WORD = "forever";

  /** Kafka's own lower limit. */
  private static final int MIN_SEGMENT_BYTES = 1 << 20;

  public TopicRetention {
    if (segmentBytes < MIN_SEGMENT_BYTES) {
      throw new IllegalArgumentException("segment-bytes = " + segmentBytes + ": at least 1 MiB");
    }
    if (retentionBytes != -1 && retentionBytes < segmentBytes) {
      throw new IllegalArgumentException(
          "retention-bytes = " + retentionBytes + ": must be -1 or at least segment-bytes");
    }
  }

  /** Reads the block at {@code path}. */
  static TopicRetention from(Config config, String path) {
    Duration longest = Duration.ofDays(3650);
    Duration segmentTime =
        StrictConfig.durationBetween(
            config, path + ".segment-time", Duration.ofSeconds(1), longest);
    int segmentBytes = segmentBytes(config, path + ".segment-bytes");
    if (!config.hasPath(path + ".retention")) {
      return new TopicRetention(Optional.empty(), -1, segmentBytes, segmentTime);
    }
    Duration retention = retention(config, path + ".retention", longest);
    if (segmentTime.compareTo(retention) > 0) {
      // A segment that stays open for longer than its records may be kept would hold them.
      segmentTime = retention;
    }
    long retentionBytes = retentionBytes(config, path + ".retention-bytes", segmentBytes);
    return new TopicRetention(Optional.of(retention), retentionBytes, segmentBytes, segmentTime);
  }

  private static Duration retention(Config config, String key, Duration longest) {
    return config.getString(key).equals(FOREVER_WORD)
        ? FOREVER
        : StrictConfig.durationBetween(config, key, Duration.ofSeconds(1), longest);
  }

  private static int segmentBytes(Config config, String key) {
    long bytes = config.getBytes(key);
    if (bytes < MIN_SEGMENT_BYTES || bytes > (1 << 30)) {
      throw StrictConfig.refuse(config, key, "must be 1 MiB to 1 GiB");
    }
    return (int) bytes;
  }

  private static long retentionBytes(Config config, String key, int segmentBytes) {
    if (config.getString(key).equals("-1")) {
      return -1;
    }
    long bytes = config.getBytes(key);
    if (bytes < segmentBytes) {
      throw StrictConfig.refuse(
          config, key, "must be -1 or at least segment-bytes, " + segmentBytes);
    }
    return bytes;
  }

  /** The topic-level configuration that says this. */
  Map<String, String> asTopicConfig() {
    Map<String, String> config = new LinkedHashMap<>();
    config.put(
        TopicConfig.CLEANUP_POLICY_CONFIG,
        retention.isPresent()
            ? TopicConfig.CLEANUP_POLICY_DELETE
            : TopicConfig.CLEANUP_POLICY_COMPACT);
    retention.ifPresent(
        time -> {
          long millis = time.equals(FOREVER) ? -1 : time.toMillis();
          config.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(millis));
          config.put(TopicConfig.RETENTION_BYTES_CONFIG, Long.toString(retentionBytes));
        });
    config.put(TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(segmentBytes));
    config.put(TopicConfig.SEGMENT_MS_CONFIG, Long.toString(segmentTime.toMillis()));
    return config;
  }
}
