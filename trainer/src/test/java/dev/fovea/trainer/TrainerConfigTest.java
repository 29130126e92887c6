package dev.fovea.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import dev.fovea.detector.s3.S3Settings;
import dev.fovea.schema.StrictConfig;
import dev.fovea.trainer.labels.LabelSettings;
import dev.fovea.trainer.round.GateSettings;
import dev.fovea.trainer.round.RoundRunner.Retry;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainerConfigTest {
  @Test
  void allDefaults() {
    TrainerConfig config = read("");

    assertThat(config.round().modelName()).isEqualTo("street");
    assertThat(config.round().startModel()).isEmpty();
    assertThat(config.round().recipe()).isEmpty();
    assertThat(config.dataDir()).isEqualTo(Path.of("data/trainer"));
    assertThat(config.storeUrl()).isEqualTo("data/releases");
    assertThat(config.fetchedReleases()).isEqualTo(Path.of("data/trainer/fetched-releases"));
    assertThat(config.s3())
        .isEqualTo(
            new S3Settings(
                Optional.empty(),
                Optional.empty(),
                false,
                Duration.ofSeconds(10),
                Duration.ofMinutes(15)));
    assertThat(config.schedule().next(Instant.parse("2026-01-01T00:00:00Z")))
        .contains(Instant.parse("2026-01-01T03:00:00Z"));
    assertThat(config.round().gate())
        .isEqualTo(new GateSettings(0.005, 0.95, 1000, 1, 0.03, 0.03, 20, false, 1.2, 50));
    assertThat(config.retry()).isEqualTo(new Retry(10, Duration.ofMinutes(1), Duration.ofHours(1)));
  }

  /** The block is documented in both places, and means the same in both. */
  @Test
  void theLabelsBlockIsThatOfTheLabels() {
    Config own =
        ConfigFactory.parseResources(
            TrainerConfig.class,
            "trainer-config.conf",
            ConfigParseOptions.defaults().setAllowMissing(false));
    Config theirs =
        ConfigFactory.parseResources(
            LabelSettings.class,
            "reference.conf",
            ConfigParseOptions.defaults().setAllowMissing(false));
    assertThat(own.getConfig("labels").resolve()).isEqualTo(theirs.getConfig("labels").resolve());
    assertThat(read("").labels()).isEqualTo(LabelSettings.defaults());
  }

  @Test
  void everyKeySet() {
    TrainerConfig config =
        read(
            """
            model { name = wall, start = /models/wall }
            data-dir = /var/trainer
            store.url = "s3://models/site/"
            store.s3 {
              endpoint = "https://store.example", region = "eu-central-1", path-style = true
              timeout = 3 s, longest-transfer = 2 minutes
            }
            labels { validation-fraction = 0.3, classes = [a, b], max-classes = 9, max-boxes = 8 }
            schedule { cron = "30 1 * * 1", zone = Europe/Berlin, after-labels = 7 }
            training {
              recipe = "../models/street-synthetic/train.conf", steps = 11, learning-rate = 0.01
              checkpoint-every = 12, seed = 13, threads = 14, quantize-pictures = 15
            }
            gate {
              min-gain = 0.1, confidence = 0.9, resamples = 200, seed = 2, max-class-drop = 0.2
              max-camera-drop = 0.3, min-boxes = 4, refuse-unjudged = true, max-latency-ratio = 2
              min-images = 16
            }
            retry { attempts = 3, first-pause = 1 s, longest-pause = 2 s }
            report.mistakes = 17
            keep-rounds = 18
            """);

    var round = config.round();
    assertThat(round.modelName()).isEqualTo("wall");
    assertThat(round.startModel()).contains(Path.of("/models/wall"));
    assertThat(round.recipe()).isPresent();
    assertThat(round.steps()).isEqualTo(11);
    assertThat(round.learningRate()).isEqualTo(0.01);
    assertThat(round.checkpointEvery()).isEqualTo(12);
    assertThat(round.seed()).isEqualTo(13);
    assertThat(round.threads()).isEqualTo(14);
    assertThat(round.quantizePictures()).isEqualTo(15);
    assertThat(round.mistakes()).isEqualTo(17);
    assertThat(round.keep()).isEqualTo(18);
    assertThat(round.gate())
        .isEqualTo(new GateSettings(0.1, 0.9, 200, 2, 0.2, 0.3, 4, true, 2, 16));
    assertThat(config.dataDir()).isEqualTo(Path.of("/var/trainer"));
    assertThat(config.storeUrl()).isEqualTo("s3://models/site");
    assertThat(config.s3())
        .isEqualTo(
            new S3Settings(
                Optional.of(URI.create("https://store.example")),
                Optional.of("eu-central-1"),
                true,
                Duration.ofSeconds(3),
                Duration.ofMinutes(2)));
    assertThat(config.labels().classes()).isEqualTo(List.of("a", "b"));
    assertThat(config.schedule().next(Instant.parse("2026-01-01T00:00:00Z")))
        .contains(Instant.parse("2026-01-05T00:30:00Z"));
    assertThat(config.retry())
        .isEqualTo(new Retry(3, Duration.ofSeconds(1), Duration.ofSeconds(2)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gate.min-gain = -0.1 | gate.min-gain",
        "gate.min-gian = 0.1 | did you mean",
        "schedule.cron = nightly | schedule.cron",
        "schedule.zone = Mars | schedule.zone",
        "model.name = \"../x\" | model.name",
        "store.url = \"s3://UP/x\" | bucket",
        "store.url = \"ftp://store/x\" | s3://BUCKET/PREFIX",
        "store.s3.endpoint = \"store\" | store.s3.endpoint",
        "retry.attempts = 0 | retry.attempts"
      })
  void whatIsOutOfRangeIsRefusedByItsKey(String hocon, String said) {
    assertThatThrownBy(() -> read(hocon)).hasMessageContaining(said);
  }

  private static TrainerConfig read(String hocon) {
    return TrainerConfig.from(
        StrictConfig.load(TrainerConfig.class, ConfigFactory.parseString(hocon)));
  }
}
