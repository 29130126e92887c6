package dev.fovea.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import dev.fovea.ingest.publish.CameraSettings;
import dev.fovea.ingest.publish.PublishSettings;
import dev.fovea.ingest.publish.RecordedSize;
import dev.fovea.ingest.source.Pace;
import dev.fovea.ingest.source.SourceSpec;
import dev.fovea.schema.StrictConfig;
import dev.fovea.schema.Topics;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IngestConfigTest {
  @Test
  void defaultsAreThoseOfTheReference() {
    IngestConfig config = config("cameras.gate.source = yard.mp4");

    assertThat(config.publish())
        .isEqualTo(
            new PublishSettings(
                60,
                8 << 20,
                Topics.MAX_RECORD_BYTES,
                Duration.ofSeconds(2),
                Duration.ofSeconds(1),
                Duration.ofSeconds(30)));
    CameraSettings gate = config.cameras().get(0);
    assertThat(gate.id().value()).isEqualTo("gate");
    assertThat(gate.framesPerSecond()).isZero();
    assertThat(gate.size()).isEqualTo(new RecordedSize(640, 0));
    assertThat(gate.quality()).isEqualTo(80);
    assertThat(gate.options().pace()).isEqualTo(Pace.REALTIME);
    assertThat(gate.options().loop()).isFalse();
    assertThat(gate.options().openDeadline()).isEqualTo(Duration.ofSeconds(10));
    assertThat(gate.options().readDeadline()).isEqualTo(Duration.ofSeconds(3));
    assertThat(gate.options().maxPixels()).isEqualTo(16_588_800);
  }

  @Test
  void everyKeyCanBeSet() {
    IngestConfig config =
        config(
            """
            open-deadline = 7 s, read-deadline = 4 s, max-pixels = 1000000, status-interval = 5 s
            in-flight { frames = 9, bytes = 1 MiB }
            retry { first = 2 s, longest = 20 s }
            camera-defaults.quality = 55
            cameras {
              b { source = "synthetic:?seed=3", fps = 5, width = 320, height = 200, loop = true
                  pace = fast }
              a { source = "rtsp://u:pw@cam/s", quality = 90 }
            }
            """);
    assertThat(config.publish())
        .isEqualTo(
            new PublishSettings(
                9,
                1 << 20,
                Topics.MAX_RECORD_BYTES,
                Duration.ofSeconds(5),
                Duration.ofSeconds(2),
                Duration.ofSeconds(20)));
    CameraSettings a = config.cameras().get(0);
    CameraSettings b = config.cameras().get(1);
    assertThat(a.quality()).isEqualTo(90);
    assertThat(a.source().kind()).isEqualTo(SourceSpec.Kind.RTSP);
    assertThat(config.toString()).doesNotContain("pw");
    assertThat(b.quality()).isEqualTo(55);
    assertThat(b.size()).isEqualTo(new RecordedSize(320, 200));
    assertThat(b.framesPerSecond()).isEqualTo(5);
    assertThat(b.options().loop()).isTrue();
    assertThat(b.options().pace()).isEqualTo(Pace.FAST);
    assertThat(b.options().openDeadline()).isEqualTo(Duration.ofSeconds(7));
    assertThat(b.options().readDeadline()).isEqualTo(Duration.ofSeconds(4));
    assertThat(b.options().maxPixels()).isEqualTo(1_000_000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cameras.gate.sorce = x.mp4 | sorce",
        "cameras.gate { source = x.mp4, quality = 101 } | cameras.gate.quality",
        "cameras.gate { source = x.mp4, pace = slow } | cameras.gate.pace",
        "cameras.gate { fps = 5 } | cameras.gate.source",
        "cameras.\"a/b\".source = x.mp4 | a/b",
        "cameras.gate.source = \"ftp://u:pw@x/y\" | cameras.gate.source",
        "retry { first = 5 s, longest = 1 s } | retry.longest",
        "read-dedline = 1 s | read-dedline",
      })
  void errorsNameTheKey(String hocon, String named) {
    assertThatThrownBy(() -> config(hocon))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(named)
        .hasMessageNotContaining("pw");
  }

  private static IngestConfig config(String hocon) {
    return IngestConfig.from(
        StrictConfig.load(IngestConfig.class, ConfigFactory.parseString(hocon)));
  }
}
