package dev.fovea.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import dev.fovea.schema.StrictConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SinkConfigTest {
  private static SinkConfig config(String text) {
    return SinkConfig.from(StrictConfig.load(SinkConfig.class, ConfigFactory.parseString(text)));
  }

  @Test
  void theReferenceAloneIsComplete() {
    SinkConfig config = config("");
    assertThat(config.host()).isEqualTo("127.0.0.1");
    assertThat(config.port()).isEqualTo(8080);
    assertThat(config.allowedHosts()).isEmpty();
    assertThat(config.dataFolder()).isEqualTo(Path.of("data/sink"));
    assertThat(config.store().url()).isEmpty();
    assertThat(config.countsGrace()).isEqualTo(Duration.ofMinutes(1));
    assertThat(config.detectorGroup()).isEqualTo("fovea-detector");
    assertThat(config.accuracyWindow()).isEqualTo(Duration.ofMinutes(1));
    assertThat(config.kafka().topicPrefix()).isEqualTo("fovea.");
  }

  @Test
  void everyKeyCounts() {
    SinkConfig config =
        config(
            """
            http { host = "0.0.0.0", port = 9000, allowed-hosts = ["wall.example"] }
            data-dir = "/var/lib/fovea"
            store { url = "jdbc:postgresql://db/fovea", user = "u", password = "secret",
              duckdb-memory = "2GB", write-interval = 1 s, give-up-after = 5 minutes,
              keep-detections = 2 days, keep-counts = 3 days }
            counts { grace = 5 s, threads = 2 }
            live { waiting-pictures = 8 MiB, detector-group = "other",
              accuracy-window = 20 s }
            kafka { topic-prefix = "x.", partitions = 2 }
            """);
    SinkConfig.Store store = config.store();
    assertThat(store)
        .isEqualTo(
            new SinkConfig.Store(
                "jdbc:postgresql://db/fovea",
                "u",
                "secret",
                "2GB",
                Duration.ofSeconds(1),
                Duration.ofMinutes(5),
                Duration.ofDays(2),
                Duration.ofDays(3)));
    assertThat(config)
        .isEqualTo(
            new SinkConfig(
                "0.0.0.0",
                9000,
                List.of("wall.example"),
                Path.of("/var/lib/fovea"),
                store,
                Duration.ofSeconds(5),
                2,
                8L << 20,
                "other",
                Duration.ofSeconds(20),
                config.kafka()));
    assertThat(config.kafka().topicPrefix()).isEqualTo("x.");
    assertThat(config.toString()).doesNotContain("secret");
  }

  @Test
  void aWrongValueIsRefusedByNameAndRule() {
    assertThatThrownBy(() -> config("http.port = 70000"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("port")
        .hasMessageContaining("65535");
    assertThatThrownBy(() -> config("store.url = \"jdbc:mysql://x\""))
        .hasMessageContaining("store.url")
        .hasMessageContaining("jdbc:postgresql:");
    assertThatThrownBy(() -> config("store.duckdb-memory = lots"))
        .hasMessageContaining("duckdb-memory");
    assertThatThrownBy(() -> config("htpp.port = 1")).hasMessageContaining("htpp");
  }

  @Test
  void noPasswordIsInWhatAStoreSaysOfItself() {
    String said =
        config(
                """
                store { url = "jdbc:postgresql://db/fovea?user=u&password=hidden1", password = hidden2 }
                """)
            .store()
            .toString();
    assertThat(said).contains("jdbc:postgresql://db/fovea").doesNotContain("hidden");
  }
}
