package dev.fovea.trainer;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import dev.fovea.detector.s3.S3Settings;
import dev.fovea.detector.s3.S3Url;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.StrictConfig;
import dev.fovea.trainer.labels.LabelSettings;
import dev.fovea.trainer.round.GateSettings;
import dev.fovea.trainer.round.RoundRunner.Retry;
import dev.fovea.trainer.round.RoundSettings;
import dev.fovea.trainer.schedule.RoundSchedule;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The trainer's configuration; {@code trainer-config.conf} beside this class documents every key.
 *
 * @param kafka how Kafka is reached
 * @param dataDir what the trainer keeps
 * @param storeUrl where releases are kept
 * @param s3 how that is reached where it is a bucket
 * @param labels what annotations are accepted
 * @param schedule when a round begins
 * @param round how it is done
 * @param retry when one that failed is tried again
 */
public record TrainerConfig(
    KafkaSettings kafka,
    Path dataDir,
    String storeUrl,
    S3Settings s3,
    LabelSettings labels,
    RoundSchedule schedule,
    RoundSettings round,
    Retry retry) {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}");
  private static final int MILLION = 1_000_000;

  /**
   * Reads a configuration that {@link StrictConfig#load} has merged with the reference.
   *
   * @throws ConfigException if a value is out of its range
   */
  public static TrainerConfig from(Config config) {
    return new TrainerConfig(
        KafkaSettings.from(config.getConfig("kafka")),
        Path.of(notEmpty(config, "data-dir")),
        storeUrl(config),
        S3Settings.from(config, "store.s3"),
        LabelSettings.from(config),
        schedule(config),
        round(config),
        new Retry(
            StrictConfig.intBetween(config, "retry.attempts", 1, 1000),
            pause(config, "retry.first-pause"),
            pause(config, "retry.longest-pause")));
  }

  /** Where releases are put that were fetched out of a bucket. */
  public Path fetchedReleases() {
    return dataDir.resolve("fetched-releases");
  }

  private static String storeUrl(Config config) {
    String url = notEmpty(config, "store.url");
    if (url.startsWith(S3Url.SCHEME)) {
      try {
        return S3Url.parse(url).toString();
      } catch (IllegalArgumentException e) {
        throw StrictConfig.refuse(config, "store.url", String.valueOf(e.getMessage()));
      }
    }
    if (url.contains("://") && !url.startsWith("file:")) {
      throw StrictConfig.refuse(
          config, "store.url", "must be a folder, a file: url, or s3://BUCKET/PREFIX");
    }
    return url;
  }

  private static RoundSchedule schedule(Config config) {
    ZoneId zone;
    try {
      zone = ZoneId.of(config.getString("schedule.zone"));
    } catch (DateTimeException e) {
      throw StrictConfig.refuse(config, "schedule.zone", "must be a time zone, such as UTC");
    }
    int afterLabels = StrictConfig.intBetween(config, "schedule.after-labels", 0, MILLION);
    try {
      return new RoundSchedule(config.getString("schedule.cron").strip(), zone, afterLabels);
    } catch (IllegalArgumentException e) {
      throw StrictConfig.refuse(
          config,
          "schedule.cron",
          "must be five fields, minute to day of week, as crontab has them: " + e.getMessage());
    }
  }

  private static RoundSettings round(Config config) {
    String name = config.getString("model.name");
    if (!NAME.matcher(name).matches()) {
      throw StrictConfig.refuse(config, "model.name", "must match " + NAME);
    }
    String recipe = config.getString("training.recipe");
    return new RoundSettings(
        name,
        path(config, "model.start"),
        recipe.isEmpty()
            ? Optional.empty()
            : Optional.of(TrainSettings.from(StrictConfig.parse(Path.of(recipe)))),
        StrictConfig.intBetween(config, "training.steps", 1, 100 * MILLION),
        StrictConfig.doubleBetween(config, "training.learning-rate", 1e-9, 1),
        StrictConfig.intBetween(config, "training.checkpoint-every", 1, MILLION),
        config.getLong("training.seed"),
        StrictConfig.intBetween(config, "training.threads", 0, 1024),
        StrictConfig.intBetween(config, "training.quantize-pictures", 0, 10_000),
        StrictConfig.intBetween(config, "report.mistakes", 0, 200),
        StrictConfig.intBetween(config, "keep-rounds", 1, MILLION),
        gate(config));
  }

  private static GateSettings gate(Config config) {
    return new GateSettings(
        // Never below 0: a model that is no better must not pass.
        StrictConfig.doubleBetween(config, "gate.min-gain", 0, 0.99),
        StrictConfig.doubleBetween(config, "gate.confidence", 0.5, 0.9999),
        StrictConfig.intBetween(config, "gate.resamples", 100, MILLION),
        config.getLong("gate.seed"),
        StrictConfig.doubleBetween(config, "gate.max-class-drop", 0, 1),
        StrictConfig.doubleBetween(config, "gate.max-camera-drop", 0, 1),
        StrictConfig.intBetween(config, "gate.min-boxes", 1, MILLION),
        config.getBoolean("gate.refuse-unjudged"),
        StrictConfig.doubleBetween(config, "gate.max-latency-ratio", 0.01, 1000),
        StrictConfig.intBetween(config, "gate.min-images", 1, MILLION));
  }

  private static Optional<Path> path(Config config, String key) {
    String value = config.getString(key);
    return value.isEmpty() ? Optional.empty() : Optional.of(Path.of(value).toAbsolutePath());
  }

  private static Duration pause(Config config, String key) {
    return StrictConfig.durationBetween(config, key, Duration.ofMillis(10), Duration.ofDays(7));
  }

  private static String notEmpty(Config config, String key) {
    String value = config.getString(key);
    if (value.isBlank()) {
      throw StrictConfig.refuse(config, key, "must not be empty");
    }
    return value;
  }
}
