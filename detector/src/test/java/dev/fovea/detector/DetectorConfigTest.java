package dev.fovea.detector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
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
import dev.fovea.schema.StrictConfig;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DetectorConfigTest {
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  private static final String EVERY_KEY =
      """
      group = "night-shift"
      instance-id = "worker-3"
      start-from = latest
      model { dir = "/models/lot", follow = "lot" }
      s3 {
        endpoint = "http://store:9000", region = "eu-central-1", path-style = true, timeout = 3 s
        longest-transfer = 2 minutes
      }
      fetched-releases = "/var/cache/releases"
      engine = tensorrt
      engine-threads = 3
      tensorrt { fp16 = true, plans = "/plans" }
      batch { max-frames = 16, max-wait = 20 ms }
      decode-threads = 5
      freshness.max-age = 3 s
      queue { max-frames = 200, max-bytes = 128 MiB }
      picture { max-pixels = 1000000, max-bytes = 1 MiB, max-scans = 20 }
      mining { enabled = true, per-camera-per-minute = 6, uncertain-margin = 0.2, random-share = 0.01 }
      transaction-timeout = 90 s
      drain-timeout = 4 s
      """;

  private static Config load(String text) {
    return StrictConfig.load(DetectorConfig.class, ConfigFactory.parseString(text));
  }

  @Test
  void allDefaults() {
    DetectorConfig config = DetectorConfig.from(load(""));

    assertThat(config.modelDir()).isEqualTo(Path.of("models/street-synthetic"));
    assertThat(config.followedModel()).isEmpty();
    assertThat(config.engine())
        .isEqualTo(
            new EngineSettings(
                EngineKind.ONNXRUNTIME,
                PROCESSORS,
                4,
                PictureLimits.DEFAULT,
                new TensorRtSettings(false, PlanCache.usualFolder())));
    assertThat(config.stream())
        .isEqualTo(
            new StreamSettings(
                "fovea-detector",
                Optional.empty(),
                StartFrom.EARLIEST,
                4,
                Duration.ofMillis(2),
                PROCESSORS,
                Duration.ZERO,
                64,
                64L << 20,
                Duration.ofSeconds(30),
                Duration.ofSeconds(10),
                new MiningSettings(false, 1, 0.1f, 0.0005)));
    assertThat(config.s3())
        .isEqualTo(
            new S3Settings(
                Optional.empty(),
                Optional.empty(),
                false,
                Duration.ofSeconds(10),
                Duration.ofMinutes(15)));
    assertThat(config.fetched()).isEqualTo(HomeCache.folder().resolve("fetched-releases"));
    assertThat(config.kafka().topicPrefix()).isEqualTo("fovea.");
  }

  @Test
  void everyKeySetToAnotherValue() {
    DetectorConfig config =
        DetectorConfig.from(
            load(EVERY_KEY + "kafka { topic-prefix = \"site.\", client.rack = \"r1\" }"));

    assertThat(config.modelDir()).isEqualTo(Path.of("/models/lot"));
    assertThat(config.followedModel()).contains("lot");
    assertThat(config.s3())
        .isEqualTo(
            new S3Settings(
                Optional.of(URI.create("http://store:9000")),
                Optional.of("eu-central-1"),
                true,
                Duration.ofSeconds(3),
                Duration.ofMinutes(2)));
    assertThat(config.fetched()).isEqualTo(Path.of("/var/cache/releases"));
    assertThat(config.engine())
        .isEqualTo(
            new EngineSettings(
                EngineKind.TENSORRT,
                3,
                16,
                new PictureLimits(1_000_000, 1 << 20, 20),
                new TensorRtSettings(true, Path.of("/plans"))));
    assertThat(config.stream())
        .isEqualTo(
            new StreamSettings(
                "night-shift",
                Optional.of("worker-3"),
                StartFrom.LATEST,
                16,
                Duration.ofMillis(20),
                5,
                Duration.ofSeconds(3),
                200,
                128L << 20,
                Duration.ofSeconds(90),
                Duration.ofSeconds(4),
                new MiningSettings(true, 6, 0.2f, 0.01)));
    assertThat(config.kafka().topicPrefix()).isEqualTo("site.");
    assertThat(config.kafka().clientProperties()).containsAllEntriesOf(Map.of("client.rack", "r1"));
  }

  @Test
  void theTestAboveLeavesNoKeyOut() {
    Set<String> inReference = keys(load("").withoutPath("kafka"));
    Set<String> inTest = keys(ConfigFactory.parseString(EVERY_KEY));

    assertThat(inTest).isEqualTo(inReference);
    Config defaults = load("");
    Config changed = load(EVERY_KEY);
    assertThat(inReference)
        .allSatisfy(
            key ->
                assertThat(changed.getValue(key).unwrapped())
                    .isNotEqualTo(defaults.getValue(key).unwrapped()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "engine = openvino            | engine",
        "engine-threads = -1          | engine-threads",
        "batch.max-frames = 0         | batch.max-frames",
        "batch.max-wait = 1 minute    | batch.max-wait",
        "start-from = yesterday       | start-from",
        "group = \"\"                 | group",
        "model.dir = \"\"             | model.dir",
        "queue.max-bytes = 1          | queue.max-bytes",
        "picture.max-pixels = 0       | picture.max-pixels",
        "transaction-timeout = 1 hour | transaction-timeout",
        "drain-timeout = 5 minutes    | drain-timeout",
        "freshness.max-agee = 1 s     | freshness.max-agee",
        "s3.endpoint = \"store:9000\"  | s3.endpoint",
        "s3.timeout = 0 s             | s3.timeout"
      })
  void aValueOutOfRangeIsRefusedWithItsKey(String text, String key) {
    assertThatThrownBy(() -> DetectorConfig.from(load(text)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(key);
  }

  private static Set<String> keys(Config config) {
    Set<String> keys = new HashSet<>();
    config.entrySet().forEach(entry -> keys.add(entry.getKey()));
    return keys;
  }
}
