package dev.fovea.standalone.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
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
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
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

  @Test
  void aBrowserGetsEachPictureWithItsOwnBoxesAndTheCounts() throws Exception {
    try (Main sink = Main.start(config("live."));
        Records records = new Records(kafka("live."))) {
      awaitHealthy(sink);
      LiveSocket socket = LiveSocket.open(sink.port());
      for (int n = 1; n <= 10; n++) {
        Frame frame = Records.frame("lot", n, Records.nowMicros());
        String[] labels = new String[n % 3];
        Arrays.fill(labels, "car");
        records.sendAnswered(frame, n == 4 ? Outcome.STALE : Outcome.DETECTED, labels);
        long number = n;
        await().atMost(SOON).until(() -> socket.frame(number).isPresent());
        LiveSocket.Picture picture = socket.frame(number).orElseThrow();
        assertThat(picture.header().path("boxes")).hasSize(n == 4 ? 0 : n % 3);
        assertThat(picture.header().path("captureTimeMicros").asLong())
            .isEqualTo(frame.getCaptureTimeMicros());
        assertThat(ByteBuffer.wrap(picture.jpeg())).isEqualTo(frame.getImage());
      }
      await().atMost(SOON).until(() -> socket.text("counts").isPresent());
      await()
          .atMost(SOON)
          .until(
              () ->
                  socket
                          .text("summary")
                          .orElseThrow()
                          .path("captureToPush")
                          .path("p99Ms")
                          .asDouble()
                      > 0);
      records.send(records.status("lot", CameraState.NO_PICTURE, 10));
      await()
          .atMost(SOON)
          .until(
              () ->
                  socket
                      .text("cameras")
                      .orElseThrow()
                      .path("cameras")
                      .path(0)
                      .path("state")
                      .asText()
                      .equals("NO_PICTURE"));
      socket.send("{\"type\":\"ping\",\"t\":17}");
      await().atMost(SOON).until(() -> socket.text("pong").isPresent());
      assertThat(socket.text("pong").orElseThrow().path("t").asInt()).isEqualTo(17);
      assertThat(response(sink, "/api/cameras/lot/picture.jpg").statusCode()).isEqualTo(200);
      socket.close();
    }
  }

  @Test
  void aPageOfAnotherSiteGetsNoWebSocket() throws Exception {
    try (Main sink = Main.start(config("guard."))) {
      CompletableFuture<?> opening =
          HTTP.newWebSocketBuilder()
              .header("Origin", "http://evil.example")
              .buildAsync(
                  URI.create("ws://127.0.0.1:" + sink.port() + "/api/live"),
                  new WebSocket.Listener() {});
      assertThatThrownBy(() -> opening.get(10, TimeUnit.SECONDS))
          .hasCauseInstanceOf(WebSocketHandshakeException.class);
      HttpResponse<String> page = response(sink, "/");
      assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
          .contains("default-src 'none'")
          .contains("frame-ancestors 'none'")
          .contains("'sha256-");
      for (String path :
          new String[] {
            "/api/detections?limit=10001",
            "/api/detections?from=yesterday",
            "/api/detections?camera=..%2Fetc",
            "/api/counts?order=asc",
          }) {
        HttpResponse<String> refused = response(sink, path);
        assertThat(refused.statusCode()).as(path).isEqualTo(400);
        assertThat(JSON.readTree(refused.body()).path("error").asText()).contains("parameter ");
      }
      assertThat(response(sink, "/webjars/lit/index.js").statusCode()).isEqualTo(200);
      assertThat(response(sink, "/metrics").body()).contains("fovea_sink_store_up 1.0");
      assertThatThrownBy(() -> Main.start(config("other.", sink.port())))
          .hasMessageContaining("http.port")
          .hasMessageContaining(Integer.toString(sink.port()));
    }
  }

  @Test
  void poisonIsADeadLetterAndARestartedSinkNeitherLosesNorDoubles() throws Exception {
    SinkConfig config = config("kill.");
    long start = Records.nowMicros() - 60_000_000;
    try (Records records = new Records(kafka("kill."))) {
      try (Main sink = Main.start(config)) {
        awaitHealthy(sink);
        answer(records, start, 1, 50);
        records.sendPoison("lot", new byte[] {1, 2, 3});
        // Closed in the middle: some of these are in the database, some are not.
        answer(records, start, 51, 100);
        await()
            .atMost(SOON)
            .until(
                () -> get(sink, "/api/cameras/lot").path("ledger").path("detected").asLong() > 0);
      }
      answer(records, start, 101, 150);
      records.sendAndAbort(
          Records.answer(Records.frame("lot", 151, start + 151_000), Outcome.DETECTED, "car"));
      try (Main sink = Main.start(config)) {
        await()
            .atMost(SOON)
            .untilAsserted(
                () -> {
                  assertThat(get(sink, "/api/detections?camera=lot").path("detections"))
                      .hasSize(150);
                  JsonNode ledger = get(sink, "/api/cameras/lot").path("ledger");
                  assertThat(ledger.path("detected").asLong()).isEqualTo(150);
                  assertThat(ledger.path("unaccounted").asLong()).isZero();
                  assertThat(objects(get(sink, "/api/counts?camera=lot&from=0"))).isEqualTo(150);
                });
      }
    }
    assertThat(deadLetters("kill.dead-letters")).containsExactly("010203");
  }

  private static void answer(Records records, long start, int first, int last) {
    for (int n = first; n <= last; n++) {
      Frame frame = Records.frame("lot", n, start + n * 1_000L);
      if (n == first || n == last) {
        records.send(frame);
      }
      records.send(Records.answer(frame, Outcome.DETECTED, "car"));
    }
    records.send(records.status("lot", CameraState.LIVE, last));
  }

  private static long objects(JsonNode counts) {
    long objects = 0;
    for (JsonNode window : counts.path("windows")) {
      objects += window.path("objects").asLong();
    }
    return objects;
  }

  /** Values of all records of a topic, in hexadecimal. */
  private static List<String> deadLetters(String topic) {
    List<String> values = new ArrayList<>();
    try (var consumer =
        new KafkaConsumer<>(
            Map.<String, Object>of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "isolation.level",
                "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      var partitions =
          consumer.partitionsFor(topic).stream()
              .map(p -> new TopicPartition(topic, p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      await()
          .atMost(SOON)
          .until(
              () -> {
                consumer
                    .poll(Duration.ofMillis(200))
                    .forEach(r -> values.add(HexFormat.of().formatHex(r.value())));
                return !values.isEmpty();
              });
    }
    return values;
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
    return config(prefix, 0);
  }

  private static SinkConfig config(String prefix, int port) {
    return SinkConfig.from(
        StrictConfig.load(
            SinkConfig.class,
            ConfigFactory.parseMap(
                Map.of(
                    "http.port",
                    port,
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
