package dev.fovea.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.command.InspectContainerResponse;
import dev.fovea.schema.avro.CameraState;
import dev.fovea.schema.avro.CameraStatus;
import dev.fovea.schema.avro.Detections;
import dev.fovea.standalone.audit.Audit;
import dev.fovea.standalone.audit.AuditReport;
import dev.fovea.standalone.audit.AuditSettings;
import dev.fovea.standalone.audit.AuditWindow;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.kafka.clients.admin.Admin;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;

/**
 * The services as images, through docker-compose.yml: three brokers, a schema registry, PostgreSQL,
 * ingest, two detectors, the sink. The tests go on from one another: each lets the cameras run once
 * more, 1,020 frames, and after each the books must balance over all frames so far.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ContainersIT {
  private static final int CAMERAS = 6;
  private static final int FRAMES_A_CAMERA = 170;
  private static final int FRAMES_A_RUN = CAMERAS * FRAMES_A_CAMERA;
  private static final Duration LONG = Duration.ofMinutes(3);
  private static final Duration SESSION = Duration.ofSeconds(6);
  private static final String CONSUMER_IMAGE = "fovea/test-consumer:1";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static ComposeStack stack;
  private static int runs = 1;

  @BeforeAll
  static void start() throws IOException {
    Optional<String> missing = ComposeStack.missing();
    missing.ifPresent(why -> System.out.println("Container tests skipped: " + why));
    assumeTrue(missing.isEmpty(), missing::orElseThrow);
    Path site = Path.of("target/containers-it").toAbsolutePath();
    Files.createDirectories(site);
    Files.writeString(site.resolve("ingest.conf"), cameras());
    Files.writeString(
        site.resolve("detector.conf"),
        """
        engine-threads = 1
        kafka { session.timeout.ms = %d, heartbeat.interval.ms = 500 }
        """
            .formatted(SESSION.toMillis()));
    stack = ComposeStack.start(site);
    List.of("ingest-1", "detector-1", "detector-2", "sink-1").forEach(stack::awaitHealthy);
  }

  @AfterAll
  static void stop() throws IOException {
    if (stack != null) {
      stack.keepLogs(
          Path.of("target/containers-it/containers.log"),
          "ingest-1",
          "detector-1",
          "detector-2",
          "sink-1",
          "kafka-1",
          "kafka-2-1",
          "registry-1");
      stack.close();
    }
  }

  @Test
  @Order(1)
  void bothLedgerEquationsHoldOverAThousandFrames() throws Exception {
    assertEveryFrameAnsweredOnce();

    Awaitility.await("the sink's own books")
        .atMost(LONG)
        .untilAsserted(
            () -> {
              JsonNode ledger = JSON.readTree(get(stack.sink("/api/summary")).body()).get("ledger");
              assertThat(ledger.get("state").asText()).isEqualTo("balanced");
              assertThat(ledger.get("inFlight").asLong()).isZero();
              assertThat(ledger.get("unaccounted").asLong()).isZero();
            });
    assertThat(storedInPostgres()).isEqualTo(FRAMES_A_RUN);
  }

  @Test
  @Order(2)
  void aConsumerInPythonFindsTheSameBoxes() throws Exception {
    assumeTrue(
        !DockerClientFactory.lazyClient()
            .listImagesCmd()
            .withReferenceFilter(CONSUMER_IMAGE)
            .exec()
            .isEmpty(),
        "the image " + CONSUMER_IMAGE + " is not here: .ci/images builds it");
    Map<String, JsonNode> python = new TreeMap<>();
    try (GenericContainer<?> consumer = new GenericContainer<>(CONSUMER_IMAGE)) {
      consumer
          .withNetworkMode(stack.network())
          .withCommand(
              Files.readString(Path.of("src/test/resources/read_detections.py")),
              "kafka:9092",
              "http://registry:8080/apis/ccompat/v7",
              "fovea.detections",
              Integer.toString(FRAMES_A_RUN))
          .withStartupCheckStrategy(new OneShotStartupCheckStrategy().withTimeout(LONG))
          .start();
      for (String line : consumer.getLogs().lines().filter(l -> l.startsWith("{")).toList()) {
        JsonNode answer = JSON.readTree(line);
        python.put(answer.get("camera").asText() + "/" + answer.get("number").asLong(), answer);
      }
    }

    List<Detections> java = answers();
    assertThat(python).hasSize(java.size());
    assertThat(java).anyMatch(answer -> !answer.getDetections().isEmpty());
    for (Detections answer : java) {
      JsonNode seen =
          Objects.requireNonNull(
              python.get(answer.getCameraId() + "/" + answer.getFrameNumber()),
              () -> answer.getCameraId() + " " + answer.getFrameNumber());
      assertThat(seen.get("time").asLong()).isEqualTo(answer.getCaptureTimeMicros());
      assertThat(seen.get("boxes")).isEqualTo(boxes(answer));
    }
  }

  @Test
  @Order(3)
  void anIncompatibleSchemaIsRefusedAtRegistration() throws Exception {
    String subject = "/subjects/fovea.detections-value/versions";
    Schema current =
        new Schema.Parser()
            .parse(
                JSON.readTree(get(stack.registry(subject + "/latest")).body())
                    .get("schema")
                    .textValue());
    Schema incompatible =
        Schema.createRecord(
            current.getName(),
            current.getDoc(),
            current.getNamespace(),
            false,
            current.getFields().stream()
                .map(
                    f ->
                        f.name().equals("frameNumber")
                            ? new Schema.Field(f.name(), Schema.create(Schema.Type.STRING))
                            : new Schema.Field(f, f.schema()))
                .toList());

    HttpResponse<String> answer =
        HTTP.send(
            HttpRequest.newBuilder(URI.create(stack.registry(subject)))
                .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                .POST(
                    BodyPublishers.ofString(
                        JSON.writeValueAsString(Map.of("schema", incompatible.toString()))))
                .build(),
            BodyHandlers.ofString());

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(409);
  }

  @Test
  @Order(4)
  void theImagesGiveAwayLittle() {
    for (String service : List.of("ingest-1", "detector-1", "sink-1")) {
      InspectContainerResponse container = stack.inspect(service);
      assertThat(container.getConfig().getUser()).as(service).isEqualTo("10001:10001");
      assertThat(container.getHostConfig().getReadonlyRootfs()).as(service).isTrue();
      assertThat(container.getConfig().getLabels())
          .containsKeys(
              "org.opencontainers.image.title",
              "org.opencontainers.image.version",
              "org.opencontainers.image.licenses");
      assertThat(String.join("\n", container.getConfig().getEnv()))
          .as("environment of %s", service)
          .doesNotContain("PASSWORD=");
    }
  }

  @Test
  @Order(5)
  void aDetectorStopsInSecondsAndLosesNothing() throws Exception {
    int answered = letTheCamerasRunAgain();
    awaitAnswers(answered + 150);
    assertThat(stack.stop("detector-1")).isLessThan(Duration.ofSeconds(10));
    assertThat(stack.inspect("detector-1").getState().getExitCodeLong()).isZero();
    awaitAnswers(answered + 400);
    stack.start("detector-1");
    assertEveryFrameAnsweredOnce();
  }

  @Test
  @Order(6)
  void aBrokerKilledAndBroughtBack() throws Exception {
    int answered = letTheCamerasRunAgain();
    awaitAnswers(answered + 150);
    stack.signal("kafka-2-1", "KILL");
    awaitAnswers(answered + 500);
    stack.start("kafka-2-1");
    awaitInSync();
    assertEveryFrameAnsweredOnce();
  }

  @Test
  @Order(7)
  void aDetectorCutOffTheNetworkAndBack() throws Exception {
    int answered = letTheCamerasRunAgain();
    awaitAnswers(answered + 150);
    stack.disconnect("detector-1");
    awaitAnswers(answered + FRAMES_A_RUN);
    stack.connect("detector-1");
    stack.awaitHealthy("detector-1");
    letTheCamerasRunAgain();
    assertEveryFrameAnsweredOnce();
  }

  @Test
  @Order(8)
  void aDetectorStoppedForLongerThanItsSession() throws Exception {
    int answered = letTheCamerasRunAgain();
    awaitAnswers(answered + 150);
    stack.signal("detector-1", "STOP");
    awaitAnswers(answered + FRAMES_A_RUN);
    stack.signal("detector-1", "CONT");
    letTheCamerasRunAgain();
    assertEveryFrameAnsweredOnce();
  }

  /** Restarts ingest, whose cameras end after their frames; how many answers there are by now. */
  private static int letTheCamerasRunAgain() {
    awaitCamerasEnded();
    int before = runs * FRAMES_A_RUN;
    stack.stop("ingest-1");
    runs++;
    stack.start("ingest-1");
    return before;
  }

  private static void awaitAnswers(int count) {
    try (DetectionsTally tally = new DetectionsTally(stack.kafka())) {
      tally.awaitAnswers(count, LONG);
    }
  }

  private static List<Detections> answers() {
    try (DetectionsTally tally = new DetectionsTally(stack.kafka())) {
      tally.awaitAnswers((long) runs * FRAMES_A_RUN, LONG);
      return tally.answers().stream().map(DetectionsTally.Answered::answer).toList();
    }
  }

  /**
   * Exactly one answer to each frame, in order, and decoded = sampled out + dropped + published.
   */
  private static void assertEveryFrameAnsweredOnce() {
    Map<String, CameraStatus> cameras = awaitCamerasEnded();
    long published = cameras.values().stream().mapToLong(c -> c.getLedger().getPublished()).sum();
    try (DetectionsTally tally = new DetectionsTally(stack.kafka())) {
      tally.awaitAnswers(published, LONG);
      tally.assertExactlyOneAnswerPerFrameInOrder();
      Map<String, Long> answers =
          tally.answers().stream()
              .collect(Collectors.groupingBy(DetectionsTally.Answered::key, Collectors.counting()));
      cameras.forEach(
          (camera, status) -> {
            FramesOnTopic.assertAddsUp(status.getLedger());
            assertThat(answers.get(camera))
                .as("answers of %s", camera)
                .isEqualTo(status.getLedger().getPublished());
          });
    }
    assertAuditClean();
  }

  /** What {@code fovea audit} says of the same topics. */
  private static void assertAuditClean() {
    AuditReport report =
        Audit.run(
            new AuditSettings(
                stack.kafka(),
                AuditWindow.ALL,
                Set.of(),
                AuditSettings.DEFAULT_GRACE,
                Instant.now()),
            passed -> {});
    assertThat(report.verdict())
        .as(() -> report + " " + report.whyItCannotTell())
        .isEqualTo(AuditReport.Verdict.CLEAN);
  }

  private static Map<String, CameraStatus> awaitCamerasEnded() {
    return Awaitility.await("cameras at their ends, run " + runs)
        .atMost(LONG)
        .pollInterval(Duration.ofSeconds(1))
        .ignoreExceptions()
        .until(
            () -> new FramesOnTopic(stack.kafka()).statuses(),
            cameras ->
                cameras.size() == CAMERAS
                    && cameras.values().stream()
                        .allMatch(
                            c ->
                                c.getState() == CameraState.ENDED
                                    && c.getLedger().getDecoded()
                                        == (long) runs * FRAMES_A_CAMERA));
  }

  private static void awaitInSync() throws InterruptedException {
    try (Admin admin = Admin.create(stack.kafka().adminProperties("test", Map.of()))) {
      Awaitility.await("three replicas in sync")
          .atMost(LONG)
          .ignoreExceptions()
          .until(
              () ->
                  admin
                      .describeTopics(List.of("fovea.frames", "fovea.detections"))
                      .allTopicNames()
                      .get()
                      .values()
                      .stream()
                      .flatMap(topic -> topic.partitions().stream())
                      .allMatch(partition -> partition.isr().size() == 3));
    }
  }

  /** What the sink has in its database, counted through its own API. */
  private static long storedInPostgres() throws Exception {
    long stored = 0;
    for (JsonNode camera : JSON.readTree(get(stack.sink("/api/cameras")).body()).get("cameras")) {
      for (String outcome : List.of("detected", "unchanged", "stale", "undecodable")) {
        stored += camera.get("ledger").get(outcome).asLong();
      }
    }
    return stored;
  }

  /** As the Python consumer prints them. */
  private static JsonNode boxes(Detections answer) {
    var boxes = JSON.createArrayNode();
    answer
        .getDetections()
        .forEach(
            d ->
                boxes
                    .addArray()
                    .add(d.getLabel())
                    .add((double) d.getScore())
                    .add((double) d.getX1())
                    .add((double) d.getY1())
                    .add((double) d.getX2())
                    .add((double) d.getY2()));
    return boxes;
  }

  private static HttpResponse<String> get(String url) throws Exception {
    HttpResponse<String> answer =
        HTTP.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(url).isEqualTo(200);
    return answer;
  }

  private static String cameras() {
    return IntStream.range(0, CAMERAS)
        .mapToObj(
            i ->
                "c%d { source = \"synthetic:?seed=%d&frames=%d\", pace = fast }"
                    .formatted(i, i + 1, FRAMES_A_CAMERA))
        .collect(Collectors.joining("\n", "cameras {\n", "\n}\n"));
  }
}
