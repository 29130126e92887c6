package dev.fovea.detector;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import dev.fovea.detector.engine.EngineKind;
import dev.fovea.detector.engine.EngineSettings;
import dev.fovea.detector.engine.HomeCache;
import dev.fovea.detector.engine.PlanCache;
import dev.fovea.detector.engine.TensorRtSettings;
import dev.fovea.detector.mining.MiningSettings;
import dev.fovea.detector.model.PictureLimits;
import dev.fovea.detector.s3.S3Settings;
import dev.fovea.detector.stream.StreamSettings;
import dev.fovea.detector.stream.StreamSettings.StartFrom;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.StrictConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The detector's configuration; {@code reference.conf} beside this class documents every key.
 *
 * @param kafka how Kafka is reached
 * @param modelDir folder of the release to start with
 * @param followedModel name of the model whose releases are taken up as they appear
 * @param s3 how buckets of releases are reached
 * @param fetched folder of the releases fetched out of them
 * @param engine what models run on
 * @param stream how frames are moved
 */
public record DetectorConfig(
    KafkaSettings kafka,
    Path modelDir,
    Optional<String> followedModel,
    S3Settings s3,
    Path fetched,
    EngineSettings engine,
    StreamSettings stream) {

  private static final Duration NONE = Duration.ZERO;
  private static final long SMALLEST_QUEUE_BYTES = 1024 * 1024;

  /**
   * Reads a configuration that {@link StrictConfig#load} has merged with the reference.
   *
   * @throws ConfigException if a value is out of its range
   */
  public static DetectorConfig from(Config config) {
    String followed = config.getString("model.follow");
    return new DetectorConfig(
        KafkaSettings.from(config.getConfig("kafka")),
        Path.of(notEmpty(config, "model.dir")),
        followed.isEmpty() ? Optional.empty() : Optional.of(followed),
        S3Settings.from(config, "s3"),
        fetched(config),
        engine(config),
        stream(config));
  }

  private static Path fetched(Config config) {
    String folder = config.getString("fetched-releases");
    return folder.isEmpty() ? HomeCache.folder().resolve("fetched-releases") : Path.of(folder);
  }

  private static EngineSettings engine(Config config) {
    return new EngineSettings(
        EngineKind.of(StrictConfig.oneOf(config, "engine", Set.of("onnxruntime", "tensorrt"))),
        threads(config, "engine-threads"),
        StrictConfig.intBetween(config, "batch.max-frames", 1, 256),
        new PictureLimits(
            longAtLeast(config, "picture.max-pixels", 1),
            Math.toIntExact(bytesBetween(config, "picture.max-bytes", 1, Integer.MAX_VALUE)),
            StrictConfig.intBetween(config, "picture.max-scans", 1, 10_000)),
        tensorRt(config));
  }

  private static TensorRtSettings tensorRt(Config config) {
    String plans = config.getString("tensorrt.plans");
    return new TensorRtSettings(
        config.getBoolean("tensorrt.fp16"),
        plans.isEmpty() ? PlanCache.usualFolder() : Path.of(plans));
  }

  private static StreamSettings stream(Config config) {
    String instance = config.getString("instance-id");
    return new StreamSettings(
        notEmpty(config, "group"),
        instance.isEmpty() ? Optional.empty() : Optional.of(instance),
        StartFrom.valueOf(
            StrictConfig.oneOf(config, "start-from", Set.of("earliest", "latest"))
                .toUpperCase(Locale.ROOT)),
        StrictConfig.intBetween(config, "batch.max-frames", 1, 256),
        StrictConfig.durationBetween(config, "batch.max-wait", NONE, Duration.ofSeconds(10)),
        threads(config, "decode-threads"),
        StrictConfig.durationBetween(config, "freshness.max-age", NONE, Duration.ofDays(365)),
        StrictConfig.intBetween(config, "queue.max-frames", 1, 100_000),
        bytesBetween(config, "queue.max-bytes", SMALLEST_QUEUE_BYTES, Long.MAX_VALUE),
        StrictConfig.durationBetween(
            config, "transaction-timeout", Duration.ofSeconds(1), Duration.ofMinutes(15)),
        StrictConfig.durationBetween(config, "drain-timeout", NONE, Duration.ofMinutes(4)),
        mining(config));
  }

  private static MiningSettings mining(Config config) {
    return new MiningSettings(
        config.getBoolean("mining.enabled"),
        StrictConfig.doubleBetween(config, "mining.per-camera-per-minute", 0.001, 60_000),
        (float) StrictConfig.doubleBetween(config, "mining.uncertain-margin", 0.001, 1),
        StrictConfig.doubleBetween(config, "mining.random-share", 0, 1));
  }

  /** 0 stands for as many as there are processors. */
  private static int threads(Config config, String key) {
    int threads = StrictConfig.intBetween(config, key, 0, 1024);
    return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
  }

  private static String notEmpty(Config config, String key) {
    String value = config.getString(key);
    if (value.isBlank()) {
      throw StrictConfig.refuse(config, key, "must not be empty");
    }
    return value;
  }

  private static long longAtLeast(Config config, String key, long min) {
    long value = config.getLong(key);
    if (value < min) {
      throw StrictConfig.refuse(config, key, "must be at least " + min);
    }
    return value;
  }

  private static long bytesBetween(Config config, String key, long min, long max) {
    long value = config.getBytes(key);
    if (value < min || value > max) {
      throw StrictConfig.refuse(
          config, key, "must be a size from " + min + " to " + max + " bytes");
    }
    return value;
  }
}
