package dev.fovea.ingest;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigUtil;
import dev.fovea.ingest.publish.CameraSettings;
import dev.fovea.ingest.publish.PublishSettings;
import dev.fovea.ingest.publish.RecordedSize;
import dev.fovea.ingest.source.Pace;
import dev.fovea.ingest.source.SourceOptions;
import dev.fovea.ingest.source.SourceSpec;
import dev.fovea.schema.CameraId;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.StrictConfig;
import dev.fovea.schema.Topics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Ingest's configuration; {@code reference.conf} beside this class documents every key.
 *
 * @param kafka how Kafka is reached
 * @param publish how frames are published and cameras retried
 * @param cameras the cameras, in the order of their names
 */
public record IngestConfig(
    KafkaSettings kafka, PublishSettings publish, List<CameraSettings> cameras) {

  private static final Duration SHORTEST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofHours(1);
  private static final int LARGEST_SIDE_PX = 16_384;

  /** Rate of an image folder that is given none. */
  private static final double FOLDER_FRAMES_PER_SECOND = 10;

  public IngestConfig {
    cameras = List.copyOf(cameras);
  }

  /**
   * Reads a configuration that {@link StrictConfig#load} has merged with the reference.
   *
   * @throws ConfigException if a value is out of its range; it names key, value and rule
   */
  public static IngestConfig from(Config config) {
    return new IngestConfig(
        KafkaSettings.from(config.getConfig("kafka")), publish(config), cameras(config));
  }

  private static PublishSettings publish(Config config) {
    Duration first = duration(config, "retry.first");
    Duration longest = duration(config, "retry.longest");
    if (longest.compareTo(first) < 0) {
      throw StrictConfig.refuse(config, "retry.longest", "must not be less than retry.first");
    }
    return new PublishSettings(
        StrictConfig.intBetween(config, "in-flight.frames", 1, 10_000),
        bytes(config, "in-flight.bytes"),
        Topics.MAX_RECORD_BYTES,
        duration(config, "status-interval"),
        first,
        longest);
  }

  private static List<CameraSettings> cameras(Config config) {
    List<CameraSettings> cameras = new ArrayList<>();
    for (String name : config.getObject("cameras").keySet().stream().sorted().toList()) {
      cameras.add(camera(config, name));
    }
    return cameras;
  }

  private static CameraSettings camera(Config config, String name) {
    String path = "cameras." + ConfigUtil.joinPath(name);
    CameraId id;
    try {
      id = new CameraId(name);
    } catch (IllegalArgumentException e) {
      throw new ConfigException.BadPath(config.getValue(path).origin(), path, e.getMessage());
    }
    double framesPerSecond = StrictConfig.doubleBetween(config, path + ".fps", 0, 1_000);
    SourceSpec source = source(config, path + ".source");
    return new CameraSettings(
        id,
        source,
        options(config, path, framesPerSecond),
        framesPerSecond,
        new RecordedSize(
            StrictConfig.intBetween(config, path + ".width", 0, LARGEST_SIDE_PX),
            StrictConfig.intBetween(config, path + ".height", 0, LARGEST_SIDE_PX)),
        StrictConfig.intBetween(config, path + ".quality", 1, 100));
  }

  /** A source may hold a password, so a refusal says the rule and never the value. */
  private static SourceSpec source(Config config, String key) {
    try {
      return SourceSpec.parse(config.getString(key));
    } catch (IllegalArgumentException e) {
      throw new ConfigException.BadValue(config.getValue(key).origin(), key, e.getMessage());
    }
  }

  private static SourceOptions options(Config config, String path, double framesPerSecond) {
    return new SourceOptions(
        Pace.valueOf(
            StrictConfig.oneOf(config, path + ".pace", Set.of("realtime", "fast"))
                .toUpperCase(Locale.ROOT)),
        config.getBoolean(path + ".loop"),
        framesPerSecond == 0 ? FOLDER_FRAMES_PER_SECOND : framesPerSecond,
        duration(config, "open-deadline"),
        duration(config, "read-deadline"),
        pixels(config),
        InstantSource.system());
  }

  private static long pixels(Config config) {
    long pixels = config.getLong("max-pixels");
    if (pixels < 1 || pixels > Integer.MAX_VALUE) {
      throw StrictConfig.refuse(
          config, "max-pixels", "must be a whole number from 1 to " + Integer.MAX_VALUE);
    }
    return pixels;
  }

  private static Duration duration(Config config, String key) {
    return StrictConfig.durationBetween(config, key, SHORTEST, LONGEST);
  }

  private static long bytes(Config config, String key) {
    long bytes = config.getBytes(key);
    if (bytes < 1) {
      throw StrictConfig.refuse(config, key, "must be a size of at least 1 byte");
    }
    return bytes;
  }
}
