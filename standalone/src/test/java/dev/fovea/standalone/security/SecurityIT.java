package dev.fovea.standalone.security;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import dev.fovea.detector.DetectorConfig;
import dev.fovea.ingest.IngestConfig;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.StrictConfig;
import dev.fovea.schema.Topic;
import dev.fovea.schema.TopicCreator;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.CameraStatus;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.FrameLedger;
import dev.fovea.sink.SinkConfig;
import dev.fovea.trainer.TrainerConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each service over SASL_SSL, SCRAM-SHA-512 and client certificates, with the ACLs that the
 * documentation says it needs: with all of them it works and tells nobody a secret; with any one
 * less it stops with a sentence that names the one.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SecurityIT {
  private static final Path MODEL = Path.of("../models/street-synthetic").toAbsolutePath();
  private static final Duration LONG = Duration.ofSeconds(90);
  private static final List<String> SERVICES = List.of("ingest", "detector", "sink", "trainer");

  private static final String KEYSTORE_PASSWORD = "hush-keystore-4711";
  private static final String CAMERA_PASSWORD = "hush-camera-4711";
  private static final String STORE_PASSWORD = "hush-store-4711";

  @TempDir static Path folder;
  private static SecureBroker broker;
  private static int cases;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = SecureBroker.start(folder.resolve("broker"), KEYSTORE_PASSWORD);
    for (String service : SERVICES) {
      broker.addUser(service, password(service));
    }
    broker.addUser("nobody", password("nobody"));
    broker.grant(LeastRights.read().stream().map(LeastRights.Right::binding).toList());
    Topics topics = topics();
    new TopicCreator(broker.admin(), clearKafka())
        .ensure(
            List.of(
                topics.frames(),
                topics.detections(),
                topics.counts(),
                topics.cameras(),
                topics.models(),
                topics.labelCandidates(),
                topics.annotations(),
                topics.deadLetters()));
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  /** Those for making a topic last: that test deletes it. */
  static List<LeastRights.Right> leastRights() throws IOException {
    return LeastRights.read().stream()
        .sorted(Comparator.comparing(right -> right.operation() == AclOperation.CREATE))
        .toList();
  }

  @Test
  @Order(1)
  void theLeastRightsAreEnoughAndNoSecretIsToldToAnybody() throws Exception {
    assertThat(LeastRights.read()).hasSizeGreaterThan(20);
    int port = freePort();
    List<Process> running = new ArrayList<>();
    String pages;
    try {
      running.add(start("ingest", ingestFile(), Map.of("KAFKA_PASSWORD", password("ingest"))));
      running.add(start("detector", detectorFile(), Map.of()));
      running.add(
          start(
              "sink",
              sinkFile(),
              Map.of("FOVEA_HTTP_PORT", "" + port, "FOVEA_STORE_PASSWORD", STORE_PASSWORD)));
      running.add(start("trainer", trainerFile(), Map.of("KAFKA_PASSWORD", password("trainer"))));
      await()
          .atMost(LONG)
          .pollInterval(Duration.ofMillis(250))
          .failFast(() -> assertThat(running).allMatch(Process::isAlive))
          .until(
              () ->
                  Files.exists(folder.resolve("trainer").resolve("status.json"))
                      && page(port, "/api/cameras/street").matches("(?s).*\"detected\":[1-9].*")
                      && page(port, "/api/cameras/gate").contains("NO_PICTURE")
                      && !page(port, "/api/counts?from=0").contains("\"windows\":[]"));
      pages = "";
      for (String path :
          List.of("/", "/metrics", "/healthz", "/openapi.json", "/api/cameras", "/api/summary")) {
        pages += page(port, path);
      }
    } finally {
      running.forEach(Process::destroy);
      for (Process process : running) {
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("ends on SIGTERM").isTrue();
      }
    }
    for (String service : SERVICES) {
      String log = Files.readString(log(service));
      assertThat(log).as("%s says everything", service).contains("DEBUG");
      assertTellsNoSecret(service + "'s log", log);
    }
    assertTellsNoSecret("the pages", pages);
    List<ConsumerRecord<byte[], byte[]>> records = allRecords();
    assertThat(records.stream().map(ConsumerRecord::topic))
        .contains("fovea.cameras", "fovea.frames", "fovea.detections", "fovea.counts");
    for (ConsumerRecord<byte[], byte[]> record : records) {
      assertTellsNoSecret(
          "a record of " + record.topic(), text(record.key()) + text(record.value()));
    }
  }

  /** After the first test, so that there is state to read again. */
  @ParameterizedTest
  @MethodSource("leastRights")
  @Order(2)
  void withOneRightLessItStopsAndNamesIt(LeastRights.Right right) throws Exception {
    if (right.operation() == AclOperation.CREATE) {
      deleteTopic(right.name().replace("*", "camera-windows-changelog"));
    }
    broker.withdraw(right.binding());
    Throwable stopped;
    try {
      stopped = catchThrowable(() -> runUntilItStops(right.service()));
    } finally {
      broker.grant(List.of(right.binding()));
    }
    assertThat(stopped)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("this Kafka user lacks " + right.inWords())
        .hasMessageContaining("docs/security.md");
    assertTellsNoSecret("the sentence", String.valueOf(stopped.getMessage()));
  }

  @Test
  @Order(3)
  void aUserWithoutAnyRightIsToldAllThatItLacks() throws Exception {
    KafkaSettings kafka = kafka("nobody", "");
    Topics topics = new Topics(kafka);
    try (Admin admin = Admin.create(kafka.adminProperties("test", Map.of()))) {
      TopicCreator creator = new TopicCreator(admin, kafka);
      assertThatThrownBy(() -> creator.ensure(List.of(topics.frames(), topics.cameras())))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("this Kafka user lacks ")
          .hasMessageContaining("DESCRIBE on topic fovea.frames")
          .hasMessageContaining("DESCRIBE on topic fovea.cameras")
          .hasMessageNotContaining("fovea.detections");
    }
  }

  @Test
  @Order(4)
  void aTopicThatIsMissingAndMayNotBeMadeNamesTheRight() throws Exception {
    broker.grant(
        List.of(
            new LeastRights.Right("nobody", AclOperation.DESCRIBE, ResourceType.TOPIC, "other.*")
                .binding()));
    KafkaSettings kafka = kafka("nobody", "topic-prefix = \"other.\"");
    Topics topics = new Topics(kafka);
    List<Topic<?, ?>> wanted = List.of(topics.frames());
    try (Admin admin = Admin.create(kafka.adminProperties("test", Map.of()))) {
      TopicCreator creator = new TopicCreator(admin, kafka);
      assertThatThrownBy(() -> creator.ensure(wanted))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith(
              "topic other.frames does not exist, and this Kafka user lacks CREATE on topic"
                  + " other.frames");
      assertThat(broker.admin().listTopics().names().get()).doesNotContain("other.frames");

      broker.grant(
          List.of(
              new LeastRights.Right("nobody", AclOperation.CREATE, ResourceType.TOPIC, "other.*")
                  .binding()));
      // Neither DESCRIBE_CONFIGS nor a sight of the other topics keyed by camera is needed.
      creator.ensure(wanted);
      assertThat(broker.admin().listTopics().names().get()).contains("other.frames");
    }
  }

  @Test
  @Order(5)
  void aWrongPasswordIsOneSentenceThatDoesNotSayIt() {
    String hocon = kafkaBlock("ingest", "not-" + password("ingest"), "");
    assertThatThrownBy(
            () ->
                dev.fovea.ingest.Main.start(config(IngestConfig.class, hocon, IngestConfig::from)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith(
            "Kafka at "
                + broker.secureAddress()
                + " does not accept this client: Authentication failed")
        .hasMessageContaining("SCRAM-SHA-512")
        .satisfies(e -> assertTellsNoSecret("the sentence", String.valueOf(e.getMessage())));
  }

  @Test
  @Order(6)
  void aBrokerWhoseCertificateIsNotTrustedIsOneSentence() {
    String hocon =
        kafkaBlock("ingest", password("ingest"), "").replaceAll("ssl.truststore[^\n]*", "");
    assertThatThrownBy(
            () ->
                dev.fovea.ingest.Main.start(config(IngestConfig.class, hocon, IngestConfig::from)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("Kafka at " + broker.secureAddress())
        .hasMessageContaining("SSL handshake failed")
        .hasMessageContaining("certification path");
  }

  @Test
  @Order(7)
  void anIngestWhoseRightIsWithdrawnCountsWhatItLosesAndPublishesAgainWhenItMay() throws Exception {
    String camera = "withdrawn";
    String sentence = "this Kafka user lacks WRITE on topic fovea.frames";
    AclBinding right =
        new LeastRights.Right(
                "ingest", AclOperation.WRITE, ResourceType.TOPIC, topics().frames().name())
            .binding();
    Path config =
        write(
            "withdrawn.conf",
            """
            cameras.%s { source = "synthetic:?seed=7&density=2", fps = 10 }
            status-interval = 500 ms
            retry { first = 200 ms, longest = 1 s }
            """
                    .formatted(camera)
                + kafkaBlock("ingest", "\"${KAFKA_PASSWORD}\"", ""));
    Process ingest = start("ingest", config, Map.of("KAFKA_PASSWORD", password("ingest")));
    try {
      awaitOf(ingest, () -> frames(camera).size() >= 10);

      broker.withdraw(right);
      awaitOf(ingest, () -> occurrences(sentence, Files.readString(log("ingest"))) > 0);
      int published = frames(camera).size();
      awaitOf(ingest, () -> dropped(lastLedger(camera)) >= 20);
      assertThat(frames(camera)).as("frames while it may not write").hasSize(published);

      broker.grant(List.of(right));
      awaitOf(ingest, () -> frames(camera).size() >= published + 10);
    } finally {
      ingest.destroy();
      assertThat(ingest.waitFor(30, TimeUnit.SECONDS)).as("ends on SIGTERM").isTrue();
    }
    String log = Files.readString(log("ingest"));
    assertThat(occurrences("until it works again: " + sentence, log))
        .as("said once, not at each try")
        .isEqualTo(1);
    assertThat(occurrences("Frames are written again", log)).isEqualTo(1);
    List<Frame> frames = frames(camera);
    FrameLedger ledger = lastLedger(camera);
    assertThat(ledger.getPublished()).isEqualTo(frames.size());
    assertThat(ledger.getDecoded())
        .isEqualTo(ledger.getSampledOut() + dropped(ledger) + ledger.getPublished());
    assertThat(ledger.getDropped()).containsOnlyKeys("producer-failed", "backpressure");
    for (int i = 0; i < frames.size(); i++) {
      assertThat(frames.get(i).getLedger().getPublished()).isEqualTo(i + 1L);
    }
    assertThat(frames.stream().map(Frame::getCaptureTimeMicros)).isSorted().doesNotHaveDuplicates();
  }

  private static void awaitOf(Process process, Callable<Boolean> condition) {
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofMillis(250))
        .failFast(() -> assertThat(process.isAlive()).as("it runs").isTrue())
        .until(condition);
  }

  private static int occurrences(String part, String text) {
    return text.split(Pattern.quote(part), -1).length - 1;
  }

  private static Topics topics() {
    return new Topics(clearKafka());
  }

  private static KafkaSettings clearKafka() {
    return KafkaSettings.from(
        ConfigFactory.parseMap(
            Map.of("bootstrap.servers", broker.clearAddress(), "partitions", 3)));
  }

  /** A camera's frames, in the topic's order. */
  private static List<Frame> frames(String camera) throws Exception {
    return valuesOf(topics().frames(), camera);
  }

  /** As the camera's last status has it; an empty one while there is none. */
  private static FrameLedger lastLedger(String camera) throws Exception {
    List<CameraStatus> said = valuesOf(topics().cameras(), camera);
    return said.isEmpty()
        ? new FrameLedger(0L, 0L, Map.of(), 0L)
        : said.get(said.size() - 1).getLedger();
  }

  private static <T> List<T> valuesOf(Topic<String, T> topic, String key) throws Exception {
    return allRecords().stream()
        .filter(record -> record.topic().equals(topic.name()) && text(record.key()).equals(key))
        .map(record -> topic.valueSerde().deserializer().deserialize(topic.name(), record.value()))
        .toList();
  }

  private static long dropped(FrameLedger ledger) {
    return ledger.getDropped().values().stream().mapToLong(Long::longValue).sum();
  }

  private static void deleteTopic(String name) throws Exception {
    broker.admin().deleteTopics(List.of(name)).all().get();
    await().atMost(LONG).until(() -> !broker.admin().listTopics().names().get().contains(name));
  }

  private static void runUntilItStops(String service) throws Throwable {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<?> run =
          thread.submit(
              () -> {
                run(service);
                return null;
              });
      run.get(LONG.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause();
    } finally {
      thread.shutdownNow();
    }
  }

  private static void run(String service) throws Exception {
    String kafka = kafkaBlock(service, password(service), "");
    switch (service) {
      case "ingest" -> {
        try (var main =
            dev.fovea.ingest.Main.start(config(IngestConfig.class, kafka, IngestConfig::from))) {
          main.awaitTermination();
        }
      }
      case "detector" -> {
        String more =
            "mining.enabled = true, model { dir = \"" + MODEL + "\", follow = street-synthetic }\n";
        try (var main =
            dev.fovea.detector.Main.start(
                config(DetectorConfig.class, more + kafka, DetectorConfig::from))) {
          main.awaitTermination();
        }
      }
      case "trainer" -> {
        String data = folder.resolve("trainer-" + cases++).toString();
        String more = "data-dir = \"" + data + "\", store.url = \"" + data + "/store\"\n";
        try (var main =
            dev.fovea.trainer.Main.start(
                config(TrainerConfig.class, more + kafka, TrainerConfig::from))) {
          main.awaitTermination();
        }
      }
      default -> {
        String more = "http.port = 0, data-dir = \"" + folder.resolve("sink-" + cases++) + "\"\n";
        try (var main =
            dev.fovea.sink.Main.start(config(SinkConfig.class, more + kafka, SinkConfig::from))) {
          main.awaitTermination();
        }
      }
    }
  }

  private static <T> T config(
      Class<T> type,
      String hocon,
      java.util.function.Function<com.typesafe.config.Config, T> from) {
    return from.apply(StrictConfig.load(type, ConfigFactory.parseString(hocon)));
  }

  /** Password from the environment. */
  private static Path ingestFile() throws IOException {
    return write(
        "ingest.conf",
        """
        cameras {
          street { source = "synthetic:?seed=7&density=2", fps = 5 }
          gate { source = "http://admin:%s@127.0.0.1:%d/live?token=%s" }
        }
        """
                .formatted(CAMERA_PASSWORD, freePort(), CAMERA_PASSWORD)
            + kafkaBlock("ingest", "\"${KAFKA_PASSWORD}\"", ""));
  }

  private static Path trainerFile() throws IOException {
    Path data = folder.resolve("trainer");
    return write(
        "trainer.conf",
        "data-dir = \"%s\", store.url = \"%s/store\"%n".formatted(data, data)
            + kafkaBlock("trainer", "\"${KAFKA_PASSWORD}\"", ""));
  }

  /** Password in a file of its own. */
  private static Path detectorFile() throws IOException {
    Files.writeString(
        Files.createDirectories(folder.resolve("secrets")).resolve("kafka-password"),
        password("detector"));
    return write(
        "detector.conf",
        "model { dir = \""
            + MODEL
            + "\", follow = street-synthetic }\nmining.enabled = true\n"
            + kafkaBlock(
                "detector",
                "${secret:" + folder.resolve("secrets") + ":kafka-password}",
                """
                "config.providers" = secret
                config.providers.secret.class = org.apache.kafka.common.config.provider.DirectoryConfigProvider
                """));
  }

  /** Password in a properties file. */
  private static Path sinkFile() throws IOException {
    Path secrets = write("sink-secrets.properties", "password=" + password("sink"));
    return write(
        "sink.conf",
        "data-dir = \""
            + folder.resolve("sink")
            + "\"\n"
            + kafkaBlock(
                "sink",
                "${file:" + secrets + ":password}",
                """
                "config.providers" = file
                config.providers.file.class = org.apache.kafka.common.config.provider.FileConfigProvider
                """));
  }

  /** As docs/security.md has it. */
  private static String kafkaBlock(String user, String password, String more) {
    return """
    kafka {
      bootstrap.servers = "%s"
      partitions = 3
      startup-timeout = 20 s
      security.protocol = SASL_SSL
      sasl.mechanism = SCRAM-SHA-512
      sasl.jaas.config = "org.apache.kafka.common.security.scram.ScramLoginModule required username=\\"%s\\" password=\\"%s\\";"
      ssl.truststore { type = PEM, location = "%s" }
      ssl.keystore { type = PKCS12, location = "%s", password = "%s" }
      %s
    }
    """
        .formatted(
            broker.secureAddress(),
            user,
            password,
            broker.certificate(),
            broker.keystore(),
            KEYSTORE_PASSWORD,
            more);
  }

  private static KafkaSettings kafka(String user, String more) {
    return KafkaSettings.from(
        ConfigFactory.parseString(kafkaBlock(user, password(user), more)).getConfig("kafka"));
  }

  private static String password(String user) {
    return "hush-" + user + "-4711";
  }

  /** A service as the command line runs it, saying all it can. */
  private static Process start(String service, Path config, Map<String, String> environment)
      throws IOException {
    Path logback =
        write(
            "logback.xml",
            """
            <configuration>
              <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
                <encoder><pattern>%level %logger{0} %msg%n%ex</pattern></encoder>
              </appender>
              <logger name="org.apache.kafka.clients.NetworkClient" level="DEBUG"/>
              <logger name="dev.fovea" level="TRACE"/>
              <logger name="org.apache.kafka.common.security" level="TRACE"/>
              <root level="DEBUG"><appender-ref ref="out"/></root>
            </configuration>
            """);
    ProcessBuilder process =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-Dlogback.configurationFile=" + logback,
            "-cp",
            System.getProperty("java.class.path"),
            "dev.fovea.standalone.Main",
            service,
            "--config",
            config.toString());
    process.environment().putAll(environment);
    return process.redirectErrorStream(true).redirectOutput(log(service).toFile()).start();
  }

  private static Path log(String service) {
    return folder.resolve(service + ".log");
  }

  private static Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  /** What is there; empty while nobody answers. */
  private static String page(int port, String path) throws InterruptedException {
    try {
      return HttpClient.newHttpClient()
          .send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
              BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      return "";
    }
  }

  private static List<ConsumerRecord<byte[], byte[]>> allRecords() throws Exception {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", broker.clearAddress()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          broker.admin().listTopics().names().get().stream()
              .flatMap(topic -> consumer.partitionsFor(topic).stream())
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        consumer.poll(Duration.ofMillis(200)).forEach(records::add);
      }
    }
    return records;
  }

  private static String text(byte @Nullable [] bytes) {
    return bytes == null ? "" : new String(bytes, UTF_8);
  }

  /** All the secrets of this test begin alike. */
  private static void assertTellsNoSecret(String what, String text) {
    int at = text.indexOf("hush-");
    assertThat(at)
        .withFailMessage(
            () -> what + " tells a secret: …" + text.substring(Math.max(0, at - 200), at) + "…")
        .isNegative();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
