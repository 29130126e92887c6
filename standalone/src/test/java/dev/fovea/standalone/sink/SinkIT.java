package dev.fovea.standalone.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.StrictConfig;
import dev.fovea.schema.avro.CameraState;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.Outcome;
import dev.fovea.sink.Main;
import dev.fovea.sink.SinkConfig;
import dev.fovea.standalone.EmbeddedBroker;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records in; REST, SQL and WebSocket out. One broker, one topic prefix a test. */
class SinkIT {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir static Path folder;
  private static EmbeddedBroker broker;

  @BeforeAll
  static void startBroker() {
    broker = EmbeddedBroker.start(folder.resolve("broker"));
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @Test
  void framesAndTheirAnswersComeOutOfRestAndSql() throws Exception {
    try (Main sink = Main.start(config("rest."));
        Records records = new Records(kafka("rest."))) {
      awaitHealthy(sink);
      long start = Records.nowMicros() - 2_000_000;
      for (int n = 1; n <= 20; n++) {
        Frame frame = Records.frame("lot", n, start + n * 50_000L);
        records.sendAnswered(frame, outcome(n), "car", "person");
      }
      records.send(records.status("lot", CameraState.LIVE, 20));

      await()
          .atMost(SOON)
          .untilAsserted(
              () -> {
                JsonNode ledger = get(sink, "/api/cameras/lot").path("ledger");
                assertThat(ledger.path("state").asText()).isEqualTo("balanced");
                assertThat(ledger.path("published").asLong()).isEqualTo(20);
                assertThat(ledger.path("inFlight").asLong()).isZero();
                assertThat(ledger.path("detected").asLong()).isEqualTo(17);
                assertThat(ledger.path("unchanged").asLong()).isEqualTo(1);
                assertThat(ledger.path("stale").asLong()).isEqualTo(1);
                assertThat(ledger.path("undecodable").asLong()).isEqualTo(1);
              });
      JsonNode page = get(sink, "/api/detections?camera=lot&limit=7");
      assertThat(page.path("detections")).hasSize(7);
      assertThat(page.path("detections").get(0).path("boxes")).hasSize(2);
      JsonNode next = get(sink, "/api/detections?camera=lot&after=" + page.path("next").asText());
      assertThat(next.path("detections")).hasSize(13);
      assertThat(next.path("next").isNull()).isTrue();
    }
  }

  private static Outcome outcome(int n) {
    return switch (n) {
      case 5 -> Outcome.UNCHANGED;
      case 6 -> Outcome.STALE;
      case 7 -> Outcome.UNDECODABLE;
      default -> Outcome.DETECTED;
    };
  }

  private static void awaitHealthy(Main sink) {
    await().atMost(SOON).until(() -> response(sink, "/healthz").statusCode() == 200);
  }

  private static JsonNode get(Main sink, String path) throws IOException, InterruptedException {
    HttpResponse<String> response = response(sink, path);
    assertThat(response.statusCode()).as(path + ": " + response.body()).isEqualTo(200);
    return JSON.readTree(response.body());
  }

  private static HttpResponse<String> response(Main sink, String path)
      throws IOException, InterruptedException {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + sink.port() + path)).build(),
        BodyHandlers.ofString());
  }

  private static KafkaSettings kafka(String prefix) {
    return new KafkaSettings(
        prefix,
        3,
        (short) -1,
        Optional.empty(),
        Map.of("bootstrap.servers", broker.bootstrapServers()));
  }

  private static SinkConfig config(String prefix) {
    return SinkConfig.from(
        StrictConfig.load(
            SinkConfig.class,
            ConfigFactory.parseMap(
                Map.of(
                    "http.port",
                    0,
                    "data-dir",
                    folder.resolve(prefix + "sink").toString(),
                    "kafka.topic-prefix",
                    prefix,
                    "kafka.partitions",
                    3,
                    "kafka.bootstrap.servers",
                    broker.bootstrapServers()))));
  }
}
