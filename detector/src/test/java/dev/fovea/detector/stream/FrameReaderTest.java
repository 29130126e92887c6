package dev.fovea.detector.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.fovea.detector.stream.FrameReader.NotAFrameException;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.FrameLedger;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.kafka.common.serialization.Deserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrameReaderTest {
  private static final Duration AGAIN = Duration.ofMillis(20);
  private static final Topics TOPICS = new Topics(settings(Optional.empty()));

  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final FrameReader reader = reader(deserializer(TOPICS), AGAIN);

  @AfterEach
  void stop() throws InterruptedException {
    thread.shutdownNow();
    assertThat(thread.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aFrameIsRead() throws Exception {
    Frame frame = frame("gate", 1_000_000);

    assertThat(reader.read(Polled.record("gate", bytes(frame)))).isEqualTo(frame);
  }

  @Test
  void whatIsNoFrameSaysWhereItIsAndWhichRuleItBreaks() {
    assertRefused("gate", null, BadInput.Cause.NO_VALUE, "has no value");
    assertRefused(
        "gate", "not Avro".getBytes(StandardCharsets.UTF_8), BadInput.Cause.NOT_A_FRAME, "");
    assertRefused("gate", new byte[0], BadInput.Cause.NOT_A_FRAME, "");
    byte[] cut = bytes(frame("gate", 1));
    assertRefused(
        "gate", java.util.Arrays.copyOf(cut, cut.length - 1), BadInput.Cause.NOT_A_FRAME, "");
    assertRefused(
        "yard",
        bytes(frame("gate", 1)),
        BadInput.Cause.INVALID_FRAME,
        "the key must be the frame's camera id gate, but is yard");
    assertRefused(
        null,
        bytes(frame("gate", 1)),
        BadInput.Cause.INVALID_FRAME,
        "the key must be the frame's camera id gate, but is missing");
    assertRefused("../gate", bytes(frame("../gate", 1)), BadInput.Cause.INVALID_FRAME, "../gate");
    assertRefused(
        "gate",
        bytes(frame("gate", -1)),
        BadInput.Cause.INVALID_FRAME,
        "camera gate: captureTimeMicros must not be negative, but is -1");
  }

  private void assertRefused(
      @org.jspecify.annotations.Nullable String key,
      byte @org.jspecify.annotations.Nullable [] value,
      BadInput.Cause cause,
      String rule) {
    NotAFrameException refused =
        catchThrowableOfType(
            NotAFrameException.class, () -> reader.read(Polled.record(key, value)));
    assertThat(refused).isNotNull();
    assertThat(refused.badInput().cause()).isEqualTo(cause);
    assertThat(refused.badInput().message()).startsWith("frames-0@7: ").contains(rule);
  }

  /** The record is as good as any; a dead letter would be a frame lost to a registry's restart. */
  @Test
  void aRegistryOutOfReachIsWaitedForAndTheFrameReadWhenItIsBack() throws Exception {
    int port = freePort();
    FrameReader patient = reader(registryDeserializer(port), AGAIN);
    Frame frame = frame("gate", 1_000_000);
    Future<Frame> reading =
        thread.submit(() -> patient.read(Polled.record("gate", confluentBytes(5, frame))));
    await()
        .during(Duration.ofMillis(400))
        .atMost(Duration.ofSeconds(5))
        .until(() -> !reading.isDone());

    AtomicInteger asked = new AtomicInteger();
    HttpServer registry = registry(port, asked);
    try {
      assertThat(reading.get(20, TimeUnit.SECONDS)).isEqualTo(frame);
    } finally {
      registry.stop(0);
    }
    assertThat(asked.get()).as("asked, refused for a while with 503, asked again").isEqualTo(3);
  }

  @Test
  void aSchemaThatTheRegistryHasNotIsTheRecordsFault() throws Exception {
    int port = freePort();
    HttpServer registry = registry(port, new AtomicInteger(10));
    FrameReader patient = reader(registryDeserializer(port), AGAIN);
    try {
      assertThatThrownBy(
              () -> patient.read(Polled.record("gate", confluentBytes(6, frame("gate", 1)))))
          .isInstanceOfSatisfying(
              NotAFrameException.class,
              e -> assertThat(e.badInput().cause()).isEqualTo(BadInput.Cause.NOT_A_FRAME));
    } finally {
      registry.stop(0);
    }
  }

  @Test
  void troubleOfInputOrOutputPassesToo() throws Exception {
    Frame frame = frame("gate", 1);
    AtomicInteger tries = new AtomicInteger();
    Deserializer<Frame> flaky =
        (topic, bytes) -> {
          if (tries.incrementAndGet() < 3) {
            throw new UncheckedIOException(new IOException("reset by peer"));
          }
          return frame;
        };

    assertThat(reader(flaky, AGAIN).read(Polled.record("gate", new byte[1]))).isSameAs(frame);
    assertThat(tries.get()).isEqualTo(3);
  }

  @Test
  void aDefectOfTheDeserializerIsNotWaitedFor() {
    Deserializer<Frame> defect =
        (topic, bytes) -> {
          throw new IllegalStateException("out of its mind");
        };

    assertThatThrownBy(() -> reader(defect, AGAIN).read(Polled.record("gate", new byte[1])))
        .isInstanceOf(NotAFrameException.class)
        .hasMessageContaining("out of its mind");
  }

  @Test
  void waitingEndsWithTheDetector() throws Exception {
    FrameReader patient = reader(registryDeserializer(freePort()), Duration.ofHours(1));
    Future<Frame> reading =
        thread.submit(
            () -> patient.read(Polled.record("gate", confluentBytes(5, frame("gate", 1)))));
    await()
        .during(Duration.ofMillis(300))
        .atMost(Duration.ofSeconds(5))
        .until(() -> !reading.isDone());

    thread.shutdownNow();

    assertThatThrownBy(() -> reading.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(InterruptedException.class);
  }

  /** Knows schema 5, and answers twice that it is not ready yet. */
  private static HttpServer registry(int port, AtomicInteger asked) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext(
        "/",
        exchange -> {
          boolean ready = asked.incrementAndGet() > 2;
          boolean known = exchange.getRequestURI().getPath().endsWith("/5");
          byte[] body =
              ready && known
                  ? Frame.getClassSchema().toString().getBytes(StandardCharsets.UTF_8)
                  : "{\"title\":\"no\"}".getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          exchange.sendResponseHeaders(ready ? (known ? 200 : 404) : 503, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static FrameReader reader(Deserializer<Frame> deserializer, Duration pause) {
    return new FrameReader(new PatientReader<>(deserializer, pause, pause, new DetectorMetrics()));
  }

  private static Deserializer<Frame> registryDeserializer(int port) {
    return deserializer(new Topics(settings(Optional.of("http://127.0.0.1:" + port))));
  }

  private static Deserializer<Frame> deserializer(Topics topics) {
    return topics.frames().valueSerde().deserializer();
  }

  private static KafkaSettings settings(Optional<String> registry) {
    return new KafkaSettings("fovea.", 3, (short) -1, registry, Map.of());
  }

  private static Frame frame(String camera, long captureTimeMicros) {
    return Frame.newBuilder()
        .setCameraId(camera)
        .setCaptureTimeMicros(captureTimeMicros)
        .setPublishTimeMicros(captureTimeMicros)
        .setWidthPx(64)
        .setHeightPx(36)
        .setImage(ByteBuffer.wrap(new byte[] {1, 2, 3}))
        .setLedger(new FrameLedger(1L, 0L, Map.of(), 1L))
        .build();
  }

  private static byte[] bytes(Frame frame) {
    return TOPICS.frames().valueSerde().serializer().serialize("frames", frame);
  }

  /** A zero byte, the schema's id, the record. */
  private static byte[] confluentBytes(int schemaId, Frame frame) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(ByteBuffer.allocate(5).put((byte) 0).putInt(schemaId).array());
    var encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    new SpecificDatumWriter<>(Frame.class).write(frame, encoder);
    return out.toByteArray();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
