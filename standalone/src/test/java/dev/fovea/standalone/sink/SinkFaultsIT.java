package dev.fovea.standalone.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.TopicCreator;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.CameraState;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.Outcome;
import dev.fovea.sink.Main;
import dev.fovea.standalone.EmbeddedBroker;
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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exactly once in SQL: database away, process killed, disk full. */
class SinkFaultsIT {
  private static final Duration LONG = Duration.ofSeconds(90);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final String PASSWORD = "hush-postgres-4711";

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
  void aDatabaseThatGoesAwayIsWaitedForAndNothingIsLostOrWrittenTwice() throws Exception {
    Optional<Path> binaries = PostgresServer.binaries();
    assumeTrue(binaries.isPresent(), "PostgreSQL is not installed: apt-get install postgresql");
    int port = freePort();
    try (PostgresServer postgres = PostgresServer.start(binaries.get(), PASSWORD);
        Records records = records("away.");
        Main sink =
            Main.start(SinkProcess.config(hocon("away.", port, store(postgres, "1 hour"))))) {
      long start = Records.nowMicros() - 60_000_000;
      answer(records, start, 1, 50);
      awaitStored(port, 50);

      postgres.stopAtOnce();
      answer(records, start, 51, 100);
      await()
          .atMost(LONG)
          .untilAsserted(
              () -> {
                assertThat(status(port, "/healthz")).isEqualTo(503);
                assertThat(body(port, "/healthz"))
                    .contains("the PostgreSQL database")
                    .doesNotContain(PASSWORD);
              });
      postgres.start();

      awaitStored(port, 100);
      await().atMost(LONG).until(() -> status(port, "/healthz") == 200);
      answer(records, start, 101, 110);
      awaitStored(port, 110);
      assertStoredOnce(port, 110);
      assertThat(sink.port()).isEqualTo(port);

      postgres.stopAtOnce();
    }
  }

  @Test
  void aDatabaseThatStaysAwayStopsTheSinkWithOneSentence() throws Exception {
    Optional<Path> binaries = PostgresServer.binaries();
    assumeTrue(binaries.isPresent(), "PostgreSQL is not installed: apt-get install postgresql");
    int port = freePort();
    try (PostgresServer postgres = PostgresServer.start(binaries.get(), PASSWORD);
        Records records = records("gone.");
        Main sink = Main.start(SinkProcess.config(hocon("gone.", port, store(postgres, "1 s"))))) {
      answer(records, Records.nowMicros(), 1, 5);
      awaitStored(port, 5);
      postgres.stopAtOnce();
      answer(records, Records.nowMicros(), 6, 10);

      assertThatThrownBy(sink::awaitTermination)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("the sink stopped: the PostgreSQL database: ")
          .hasMessageNotContaining(PASSWORD);
    }
  }

  @Test
  void aSinkKilledTwiceGoesOnExactlyWhereTheDatabaseIs() throws Exception {
    int port = freePort();
    // Small transactions, so that each kill falls among many.
    String hocon =
        hocon(
            "killed.",
            port,
            "store.write-interval = 10 ms, kafka.session.timeout.ms = 6000,"
                + " kafka.heartbeat.interval.ms = 1000");
    Path log = folder.resolve("killed.log");
    long start = Records.nowMicros() - 60_000_000;
    int sent = 0;
    try (Records records = records("killed.")) {
      for (int round = 0; round < 2; round++) {
        Process sink = SinkProcess.start(hocon, log);
        try {
          int before = sent;
          for (; sent < before + 150; sent += 10) {
            send(records, start, sent + 1, sent + 10);
          }
          records.send(records.status("lot", CameraState.LIVE, sent));
          await()
              .atMost(LONG)
              .pollInterval(Duration.ofMillis(5))
              .failFast(() -> !sink.isAlive())
              .until(() -> stored(port) > before);
        } finally {
          sink.destroyForcibly();
          assertThat(sink.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
      }
      answer(records, start, sent + 1, sent + 20);
    }
    try (Main sink = Main.start(SinkProcess.config(hocon))) {
      awaitStored(sink.port(), 320);
      assertStoredOnce(sink.port(), 320);
      await().atMost(LONG).untilAsserted(() -> assertThat(counted(sink.port())).isEqualTo(320));
    }
  }

  /** A bound on the size of files stands in for a disk: what is beyond it is not written. */
  @Test
  void aFullDiskStopsTheSinkWithOneSentenceAndTheNextStartLosesAndDoublesNothing()
      throws Exception {
    int port = freePort();
    String hocon = hocon("full.", port, "");
    Path log = folder.resolve("full.log");
    int frames = 3_000;
    try (Records records = records("full.")) {
      Process sink = SinkProcess.start(hocon, log);
      try {
        answer(records, Records.nowMicros() - 120_000_000, 1, 10);
        // What it unpacks and makes once is there then.
        await()
            .atMost(LONG)
            .failFast(() -> !sink.isAlive())
            .until(() -> isHealthy(port) && stored(port) == 10 && counted(port) == 10);
        boundFiles(sink, "2097152");
        sendWithManyBoxes(records, 11, frames);
        assertThat(sink.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).as("stops").isTrue();
      } finally {
        sink.destroyForcibly().waitFor();
      }
      assertThat(sink.exitValue()).isEqualTo(1);
    }
    assertThat(Files.readString(log))
        .contains("stopped: the sink stopped: the database file ")
        .contains("make room on its disk and start the sink again")
        .contains("File too large");
    try (Main again = Main.start(SinkProcess.config(hocon))) {
      awaitStored(again.port(), frames);
      assertStoredOnce(again.port(), frames);
    }
  }

  private static void boundFiles(Process process, String bytes) throws Exception {
    Process bound =
        new ProcessBuilder("prlimit", "--pid", Long.toString(process.pid()), "--fsize=" + bytes)
            .inheritIO()
            .start();
    assertThat(bound.waitFor()).isZero();
  }

  private static boolean isHealthy(int port) throws InterruptedException {
    try {
      return status(port, "/healthz") == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private static void sendWithManyBoxes(Records records, int first, int last) {
    String[] labels = new String[100];
    Arrays.fill(labels, "car");
    long start = Records.nowMicros() - 60_000_000;
    List<Detections> transaction = new ArrayList<>();
    for (int n = first; n <= last; n++) {
      Frame frame = Records.frame("lot", n, start + n * 1_000L);
      transaction.add(Records.answer(frame, Outcome.DETECTED, labels));
      if (transaction.size() == 500 || n == last) {
        records.send(transaction.toArray(new Detections[0]));
        transaction.clear();
      }
    }
    records.send(records.status("lot", CameraState.LIVE, last));
  }

  /** Answers and the camera's ledger, which counts them. */
  private static void answer(Records records, long start, int first, int last) {
    send(records, start, first, last);
    records.send(records.status("lot", CameraState.LIVE, last));
  }

  /** Answers in one transaction. */
  private static void send(Records records, long start, int first, int last) {
    records.send(
        IntStream.rangeClosed(first, last)
            .mapToObj(n -> Records.frame("lot", n, start + n * 1_000L))
            .map(frame -> Records.answer(frame, Outcome.DETECTED, "car"))
            .toArray(Detections[]::new));
  }

  private static void awaitStored(int port, long answers) {
    await().atMost(LONG).untilAsserted(() -> assertThat(stored(port)).isEqualTo(answers));
  }

  /** Answers in the totals; 0 while nobody answers. */
  private static long stored(int port) throws InterruptedException {
    try {
      return JSON.readTree(body(port, "/api/cameras/lot")).path("ledger").path("detected").asLong();
    } catch (IOException e) {
      return 0;
    }
  }

  /** The rows themselves: each frame's number once, in order. */
  private static void assertStoredOnce(int port, int answers) throws Exception {
    List<Long> numbers = new ArrayList<>();
    String after = "";
    do {
      JsonNode page =
          JSON.readTree(body(port, "/api/detections?camera=lot&from=0&limit=1000" + after));
      page.path("detections").forEach(row -> numbers.add(row.path("frameNumber").asLong()));
      after = page.path("next").isNull() ? "" : "&after=" + page.path("next").asText();
    } while (!after.isEmpty());
    assertThat(numbers)
        .containsExactlyInAnyOrderElementsOf(LongStream.rangeClosed(1, answers).boxed().toList());
    JsonNode ledger = JSON.readTree(body(port, "/api/cameras/lot")).path("ledger");
    assertThat(ledger.path("detected").asLong()).isEqualTo(answers);
  }

  private static long counted(int port) throws Exception {
    long objects = 0;
    for (JsonNode window :
        JSON.readTree(body(port, "/api/counts?camera=lot&from=0")).path("windows")) {
      objects += window.path("objects").asLong();
    }
    return objects;
  }

  private static int status(int port, String path) throws IOException, InterruptedException {
    return HTTP.send(request(port, path), BodyHandlers.discarding()).statusCode();
  }

  private static String body(int port, String path) throws IOException, InterruptedException {
    return HTTP.send(request(port, path), BodyHandlers.ofString()).body();
  }

  private static HttpRequest request(int port, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build();
  }

  /** The topics must be there before they are written. */
  private static Records records(String prefix) throws InterruptedException {
    KafkaSettings kafka =
        new KafkaSettings(
            prefix,
            3,
            (short) -1,
            Optional.empty(),
            Map.of("bootstrap.servers", broker.bootstrapServers()));
    Topics topics = new Topics(kafka);
    try (Admin admin = Admin.create(kafka.adminProperties("test", Map.of()))) {
      new TopicCreator(admin, kafka)
          .ensure(List.of(topics.frames(), topics.detections(), topics.cameras()));
    }
    return new Records(kafka);
  }

  private static String store(PostgresServer postgres, String giveUpAfter) {
    return "store { url = \"%s\", user = %s, password = \"%s\", give-up-after = %s }"
        .formatted(postgres.url(), postgres.user(), PASSWORD, giveUpAfter);
  }

  private static String hocon(String prefix, int port, String more) {
    return """
        http.port = %d
        data-dir = "%s"
        kafka { bootstrap.servers = "%s", topic-prefix = "%s", partitions = 3 }
        %s
        """
        .formatted(port, folder.resolve(prefix + "sink"), broker.bootstrapServers(), prefix, more);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
