package dev.fovea.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.net.httpserver.HttpServer;
import com.typesafe.config.ConfigFactory;
import dev.fovea.detector.DetectorConfig;
import dev.fovea.detector.stream.BatchModel;
import dev.fovea.detector.stream.DetectorMetrics;
import dev.fovea.detector.stream.KafkaClients;
import dev.fovea.detector.stream.LiveModel;
import dev.fovea.detector.stream.ModelWatcher;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.StrictConfig;
import dev.fovea.schema.TopicCreator;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.ModelRelease;
import dev.fovea.schema.avro.ReleaseStage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A release on a real broker whose schema is in a registry that is away. */
class ModelWatcherIT {
  private static final int SCHEMA_ID = 5;
  private static final String MODEL_NAME = "scripted";
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir Path folder;

  private final DetectorMetrics metrics = new DetectorMetrics();
  private final List<String> loaded = new CopyOnWriteArrayList<>();
  private final ListAppender<ILoggingEvent> said = new ListAppender<>();
  private final Logger logger =
      (Logger) LoggerFactory.getLogger("dev.fovea.detector.stream.PatientReader");

  private EmbeddedBroker broker;
  private int registryPort;
  private Optional<HttpServer> registry = Optional.empty();
  private DetectorConfig config;
  private Topics topics;

  @BeforeEach
  void announceARelease() throws Exception {
    said.start();
    logger.addAppender(said);
    broker = EmbeddedBroker.start(folder.resolve("kafka"));
    registryPort = freePort();
    config =
        DetectorConfig.from(
            StrictConfig.load(
                DetectorConfig.class,
                ConfigFactory.parseString(
                    """
                    kafka {
                      bootstrap.servers = "%s"
                      partitions = 3
                      registry-url = "http://127.0.0.1:%d/apis/registry/v3"
                    }
                    """
                        .formatted(broker.bootstrapServers(), registryPort))));
    topics = new Topics(config.kafka());
    try (Admin admin = Admin.create(config.kafka().adminProperties("test", Map.of()))) {
      new TopicCreator(admin, config.kafka()).ensure(List.of(topics.models()));
    }
    announce("2");
  }

  @AfterEach
  void stop() {
    registry.ifPresent(server -> server.stop(0));
    broker.close();
    logger.detachAppender(said);
  }

  @Test
  void aRegistryThatComesBackInTimeGivesTheLiveReleaseAtTheStart() throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (ModelWatcher watcher = watcher(LONG)) {
      Future<Optional<BatchModel>> current = thread.submit(watcher::current);
      await().atMost(LONG).until(() -> metrics.waitingReaders() == 1);
      await()
          .during(Duration.ofSeconds(1))
          .atMost(Duration.ofSeconds(5))
          .until(() -> !current.isDone());

      startRegistry();

      assertThat(current.get(LONG.toSeconds(), TimeUnit.SECONDS).orElseThrow().version())
          .isEqualTo("2");
      assertThat(metrics.waitingReaders()).isZero();
      assertThat(metrics.refusedReleases()).isZero();
      assertSaidOnce();
    } finally {
      thread.shutdownNow();
    }
  }

  @Test
  void aRegistryThatStaysAwayDelaysTheStartOnlySoLongAndTheReleaseIsTakenUpLater()
      throws Exception {
    try (ModelWatcher watcher = watcher(Duration.ofMillis(500));
        LiveModel live = new LiveModel(new ScriptedModel("1", 1))) {
      assertThat(watcher.current()).isEmpty();

      watcher.start(live);
      await().atMost(LONG).until(() -> metrics.waitingReaders() == 1);
      assertThat(metrics.modelSwaps()).isZero();

      startRegistry();

      await().atMost(LONG).until(() -> metrics.modelSwaps() == 1);
      assertThat(loaded).containsExactly("2");
      assertThat(metrics.waitingReaders()).isZero();
      assertThat(metrics.refusedReleases()).as("the release is not to blame").isZero();
    }
  }

  @Test
  void aWatcherThatWaitsEndsAtOnce() throws Exception {
    ModelWatcher watcher = watcher(Duration.ZERO);
    try (LiveModel live = new LiveModel(new ScriptedModel("1", 1))) {
      assertThat(watcher.current()).isEmpty();
      watcher.start(live);
      await().atMost(LONG).until(() -> metrics.waitingReaders() == 1);

      long began = System.nanoTime();
      watcher.close();

      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
      assertThat(metrics.waitingReaders()).isZero();
    }
  }

  private ModelWatcher watcher(Duration startPatience) {
    return new ModelWatcher(
        new KafkaClients(config.kafka(), config.stream(), "watcher"),
        topics.models(),
        MODEL_NAME,
        startPatience,
        release -> {
          loaded.add(release.getVersion());
          return new ScriptedModel(release.getVersion(), 1);
        },
        metrics);
  }

  private void assertSaidOnce() {
    assertThat(said.list)
        .filteredOn(event -> event.getLevel() == Level.WARN)
        .singleElement()
        .satisfies(
            event ->
                assertThat(event.getFormattedMessage())
                    .contains("fovea.models-")
                    .contains("cannot be read now, and is waited for")
                    .contains("can't be reached"));
  }

  /**
   * As a trainer wrote it while the registry was there: a zero byte, the schema's id, the record.
   */
  private void announce(String version) throws Exception {
    ModelRelease release =
        ModelRelease.newBuilder()
            .setName(MODEL_NAME)
            .setVersion(version)
            .setUri("/nowhere")
            .setManifestSha256("0".repeat(64))
            .setClasses(List.of("number"))
            .setInputWidthPx(64)
            .setInputHeightPx(64)
            .setMetrics(Map.of())
            .setStage(ReleaseStage.LIVE)
            .setCreatedAtMicros(1)
            .build();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(ByteBuffer.allocate(5).put((byte) 0).putInt(SCHEMA_ID).array());
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    new SpecificDatumWriter<>(ModelRelease.class).write(release, encoder);
    KafkaSettings kafka = config.kafka();
    try (var producer =
        new KafkaProducer<>(
            kafka.producerProperties("test", Map.of()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer
          .send(
              new ProducerRecord<>(
                  topics.models().name(), MODEL_NAME.getBytes(UTF_8), bytes.toByteArray()))
          .get();
    }
  }

  /** Knows the one schema. */
  private void startRegistry() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), registryPort), 0);
    server.createContext(
        "/",
        exchange -> {
          boolean known = exchange.getRequestURI().getPath().endsWith("/" + SCHEMA_ID);
          byte[] body =
              (known ? ModelRelease.getClassSchema().toString() : "{\"title\":\"no\"}")
                  .getBytes(UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          exchange.sendResponseHeaders(known ? 200 : 404, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    registry = Optional.of(server);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
