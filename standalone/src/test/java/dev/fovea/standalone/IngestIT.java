package dev.fovea.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fovea.ingest.Main;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.CameraState;
import dev.fovea.schema.avro.CameraStatus;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.FrameLedger;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ingest against a real broker: what it promises about the topics, through kills and outages. */
class IngestIT {
  private static final Path CLIP = Path.of("../../shared/data/clips/car-detection.mp4");
  private static final int IMAGES = 50;

  @TempDir static Path data;
  private static Path images;
  private static EmbeddedBroker broker;

  @TempDir Path folder;

  @BeforeAll
  static void startBroker() throws IOException {
    broker = EmbeddedBroker.start(data.resolve("broker"));
    images = Files.createDirectory(data.resolve("images"));
    for (int i = 0; i < IMAGES; i++) {
      writeImage(images.resolve(String.format("%03d.jpg", i)), i);
    }
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @Test
  void everyFrameOfAClipArrivesOnceAndInOrder() throws Exception {
    assumeTrue(Files.exists(CLIP), "needs ../shared/data/clips/car-detection.mp4");
    FramesOnTopic topic = topic("clip.");
    try (Main ingest = start("clip.", "road { source = \"" + CLIP + "\", pace = fast }")) {
      await().atMost(Duration.ofSeconds(60)).until(ingest::allEnded);
    }
    List<Frame> frames = topic.of("road");
    assertThat(frames).hasSize(377);
    FramesOnTopic.assertSound(frames);
    assertThat(frames.get(376).getLedger().getDecoded()).isEqualTo(377);
    assertThat(frames).allMatch(f -> f.getWidthPx() == 640 && f.getHeightPx() == 360);
    assertThat(frames.get(200).getCorrupt()).isFalse();
    BufferedImage picture = decode(frames.get(200));
    assertThat(picture.getWidth()).isEqualTo(640);

    CameraStatus last = said(topic.statuses(), "road");
    assertThat(last.getState()).isEqualTo(CameraState.ENDED);
    assertThat(last.getLedger().getPublished()).isEqualTo(377);
    FramesOnTopic.assertAddsUp(last.getLedger());
  }

  @Test
  void badFilesAreNamedAndDisturbNoOther() throws Exception {
    Path text = Files.writeString(folder.resolve("notes.mp4"), "this is no video\n".repeat(100));
    Path empty = Files.createFile(folder.resolve("empty.mp4"));
    FramesOnTopic topic = topic("bad.");
    try (Main ingest =
        start(
            "bad.",
            "good { source = \"%s\", pace = fast }".formatted(images),
            "text { source = \"%s\" }".formatted(text),
            "empty { source = \"%s\" }".formatted(empty),
            "gone { source = \"%s\" }".formatted(folder.resolve("gone.mkv")))) {
      assertThat(ingest.allEnded()).isFalse();
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () -> {
                Map<String, CameraStatus> statuses = topic.statuses();
                assertThat(statuses).hasSize(4);
                assertThat(said(statuses, "good").getState()).isEqualTo(CameraState.ENDED);
                for (String bad : List.of("text", "empty", "gone")) {
                  CameraStatus status = said(statuses, bad);
                  assertThat(status.getState()).isEqualTo(CameraState.NO_PICTURE);
                  assertThat(status.getRetryAtMicros()).isNotNull();
                  assertThat(status.getAttempt()).isPositive();
                }
                assertThat(said(statuses, "text").getCause())
                    .startsWith("cannot be read as a video");
                assertThat(said(statuses, "empty").getCause()).isEqualTo("is empty (0 bytes)");
                assertThat(said(statuses, "gone").getCause())
                    .isEqualTo("there is no such file or folder");
              });
    }
    List<Frame> frames = topic.of("good");
    FramesOnTopic.assertSound(frames);
    assertThat(frames).hasSize(IMAGES);
    for (int i = 0; i < IMAGES; i++) {
      assertThat(numberIn(decode(frames.get(i)))).isEqualTo(i);
    }
    assertThat(said(topic.statuses(), "text").getState()).isEqualTo(CameraState.STOPPED);
  }

  @Test
  void aKilledIngestGoesOnExactlyWhereTheTopicIs() throws Exception {
    FramesOnTopic topic = topic("killed.");
    String hocon =
        hocon(
            "killed.",
            "a { source = \"%s\", loop = true, fps = 40 }".formatted(images),
            "b { source = \"%s\", loop = true, fps = 15 }".formatted(images));
    long beforeKill;
    for (int round = 0; round < 2; round++) {
      Process process = IngestProcess.start(hocon, folder.resolve("ingest.log"));
      try {
        long wanted = existing(topic) + 60;
        await()
            .atMost(Duration.ofSeconds(60))
            .pollInterval(Duration.ofMillis(100))
            .failFast(() -> !process.isAlive())
            .until(() -> existing(topic) >= wanted);
      } finally {
        process.destroyForcibly();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
      }
    }
    beforeKill = topic.count();
    try (Main ingest = Main.start(IngestProcess.config(hocon))) {
      assertThat(ingest.allEnded()).isFalse();
      await().atMost(Duration.ofSeconds(30)).until(() -> topic.count() >= beforeKill + 40);
    }
    Map<String, CameraStatus> statuses = topic.statuses();
    for (String camera : List.of("a", "b")) {
      List<Frame> frames = topic.of(camera);
      FramesOnTopic.assertSound(frames);
      CameraStatus status = said(statuses, camera);
      assertThat(status.getState()).isEqualTo(CameraState.STOPPED);
      assertThat(status.getLedger().getPublished()).isEqualTo(frames.size());
      FramesOnTopic.assertAddsUp(status.getLedger());
    }
  }

  @Test
  void aBrokerThatGoesAwayCostsCountedFramesAndNothingElse() throws Exception {
    Path ownData = folder.resolve("broker");
    EmbeddedBroker own = EmbeddedBroker.start(ownData);
    int port = own.port();
    KafkaSettings kafka = settings("away.", own.bootstrapServers());
    FramesOnTopic topic = new FramesOnTopic(kafka);
    String hocon =
        hoconFor(
            own.bootstrapServers(),
            "away.",
            "in-flight.frames = 5",
            "cam { source = \"%s\", loop = true, fps = 40 }".formatted(images));
    try (Main ingest = Main.start(IngestProcess.config(hocon))) {
      await().atMost(Duration.ofSeconds(30)).until(() -> topic.count() >= 20);
      own.close();
      // Long enough for what may wait to be full: 5 frames are an eighth of a second.
      await().pollDelay(Duration.ofSeconds(3)).until(() -> true);
      own = EmbeddedBroker.start(ownData, port);
      long atReturn = topic.count();
      await().atMost(Duration.ofSeconds(60)).until(() -> topic.count() >= atReturn + 40);
      assertThat(ingest.allEnded()).isFalse();
    }
    try {
      List<Frame> frames = topic.of("cam");
      FramesOnTopic.assertSound(frames);
      FrameLedger last = frames.get(frames.size() - 1).getLedger();
      assertThat(last.getDropped()).containsOnlyKeys("backpressure");
      assertThat(last.getDropped().get("backpressure")).isPositive();
      CameraStatus status = said(topic.statuses(), "cam");
      assertThat(status.getLedger().getPublished()).isEqualTo(frames.size());
      FramesOnTopic.assertAddsUp(status.getLedger());
    } finally {
      own.close();
    }
  }

  @Test
  void aCameraThatFallsSilentSaysSoAndComesBack() throws Exception {
    FramesOnTopic topic = topic("silent.");
    byte[] jpeg = Files.readAllBytes(images.resolve("007.jpg"));
    CountDownLatch over = new CountDownLatch(1);
    AtomicInteger connections = new AtomicInteger();
    try (ServerSocket camera = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread server =
          new Thread(() -> serveSilentThenLive(camera, jpeg, connections, over), "camera");
      server.setDaemon(true);
      server.start();
      String url = "http://admin:hush@127.0.0.1:" + camera.getLocalPort() + "/live";
      String hocon =
          hoconFor(
              broker.bootstrapServers(),
              "silent.",
              "read-deadline = 1 s, retry.first = 2 s",
              "gate { source = \"" + url + "\" }");
      try (Main ingest = Main.start(IngestProcess.config(hocon))) {
        assertThat(ingest.allEnded()).isFalse();
        AtomicReference<CameraStatus> gone = new AtomicReference<>();
        await()
            .atMost(Duration.ofSeconds(30))
            .pollInterval(Duration.ofMillis(100))
            .until(
                () -> {
                  CameraStatus status = topic.statuses().get("gate");
                  gone.set(status);
                  return status != null && status.getState() == CameraState.NO_PICTURE;
                });
        CameraStatus silent = Objects.requireNonNull(gone.get());
        assertThat(silent.getCause()).isEqualTo("HTTP read timed out after 1 s");
        assertThat(silent.getRetryAtMicros()).isGreaterThan(silent.getSinceMicros());
        assertThat(silent.getSource()).doesNotContain("hush").doesNotContain("admin");
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> said(topic.statuses(), "gate").getState() == CameraState.LIVE);
        assertThat(said(topic.statuses(), "gate").getAttempt()).isZero();
        assertThat(connections.get()).isGreaterThanOrEqualTo(2);
      } finally {
        over.countDown();
      }
    }
    List<Frame> frames = topic.of("gate");
    FramesOnTopic.assertSound(frames);
    assertThat(frames.get(0).getImage()).isEqualTo(ByteBuffer.wrap(jpeg));
    FramesOnTopic.assertAddsUp(said(topic.statuses(), "gate").getLedger());
  }

  /** A pipe nobody writes to, in the place of an image: opening it blocks, deadline or not. */
  @Test
  void aReadThatNeverReturnsIsGivenUpAndTheCameraTakenOverByAnotherThread() throws Exception {
    FramesOnTopic topic = topic("stuck.");
    Path pictures = Files.createDirectory(folder.resolve("pictures"));
    for (int i = 0; i < 4; i++) {
      Files.copy(images.resolve("00" + i + ".jpg"), pictures.resolve(i + ".jpg"));
    }
    Path blocked = pictures.resolve("2.jpg");
    Files.delete(blocked);
    assumeTrue(
        new ProcessBuilder("mkfifo", blocked.toString()).start().waitFor() == 0,
        "needs mkfifo, of coreutils");
    Path aside = folder.resolve("aside");
    String hocon =
        hoconFor(
            broker.bootstrapServers(),
            "stuck.",
            "read-deadline = 1 s, retry.first = 200 ms",
            "stuck { source = \"" + pictures + "\", fps = 20 }",
            "other { source = \"" + images + "\", fps = 20, loop = true }");
    try (Main ingest = Main.start(IngestProcess.config(hocon))) {
      AtomicReference<CameraStatus> given = new AtomicReference<>();
      await()
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofMillis(50))
          .until(
              () -> {
                CameraStatus status = topic.statuses().get("stuck");
                given.set(status);
                return status != null && status.getState() == CameraState.NO_PICTURE;
              });
      CameraStatus status = Objects.requireNonNull(given.get());
      assertThat(status.getCause())
          .isEqualTo("Folder source does not return from a read; it was given up");
      assertThat(status.getRetryAtMicros()).isGreaterThan(status.getSinceMicros());
      long othersThen = topic.of("other").size();

      Files.move(blocked, aside);
      Files.copy(images.resolve("002.jpg"), blocked);
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> said(topic.statuses(), "stuck").getState() == CameraState.ENDED);
      long frames = topic.of("stuck").size();
      // The reads that were given up come back now, and must leave no trace.
      Files.newOutputStream(aside).close();
      await()
          .atMost(Duration.ofSeconds(10))
          .until(
              () ->
                  Thread.getAllStackTraces().keySet().stream()
                      .noneMatch(thread -> thread.getName().equals("fovea-camera-stuck")));
      assertThat(topic.of("stuck")).hasSize(Math.toIntExact(frames));
      assertThat(topic.of("other").size()).as("not disturbed").isGreaterThan((int) othersThen);
      assertThat(ingest.allEnded()).isFalse();
    }
    List<Frame> frames = topic.of("stuck");
    FramesOnTopic.assertSound(frames);
    assertThat(frames.subList(frames.size() - 4, frames.size()))
        .extracting(frame -> numberIn(decode(frame)))
        .containsExactly(0, 1, 2, 3);
    assertThat(frames.size() % 2).as("two of each try that got stuck, and four").isZero();
    CameraStatus last = said(topic.statuses(), "stuck");
    assertThat(last.getLedger().getDecoded()).isEqualTo(frames.size());
    FramesOnTopic.assertAddsUp(last.getLedger());
  }

  /** Its topic takes no frame for a while: a refusal that is final for the producer. */
  @Test
  void aProducerThatFailsForGoodIsMadeAnewAndWhatItLostIsCounted() throws Exception {
    FramesOnTopic topic = topic("anew.");
    String hocon =
        hoconFor(
            broker.bootstrapServers(),
            "anew.",
            "retry.first = 300 ms",
            "cam { source = \"%s\", loop = true, fps = 40 }".formatted(images));
    try (Main ingest = Main.start(IngestProcess.config(hocon));
        Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      await().atMost(Duration.ofSeconds(30)).until(() -> topic.count() >= 20);
      maxMessageBytes(admin, "anew.frames", 100);
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> lostWithProducer(said(topic.statuses(), "cam").getLedger()) > 0);
      maxMessageBytes(admin, "anew.frames", Topics.MAX_RECORD_BYTES);
      long then = topic.count();
      await().atMost(Duration.ofSeconds(30)).until(() -> topic.count() >= then + 40);
      assertThat(ingest.allEnded()).isFalse();
    }
    List<Frame> frames = topic.of("cam");
    FramesOnTopic.assertSound(frames);
    FrameLedger last = frames.get(frames.size() - 1).getLedger();
    assertThat(lostWithProducer(last)).isPositive();
    CameraStatus status = said(topic.statuses(), "cam");
    assertThat(status.getState()).isEqualTo(CameraState.STOPPED);
    assertThat(status.getLedger().getPublished()).isEqualTo(frames.size());
    FramesOnTopic.assertAddsUp(status.getLedger());
  }

  @Test
  void closingTwiceIsClosingOnce() throws Exception {
    FramesOnTopic topic = topic("twice.");
    Main ingest = start("twice.", "cam { source = \"" + images + "\", pace = fast }");
    await().atMost(Duration.ofSeconds(30)).until(ingest::allEnded);
    ingest.close();
    Map<String, CameraStatus> said = topic.statuses();
    ingest.close();
    ingest.awaitTermination();
    assertThat(topic.statuses()).isEqualTo(said);
    assertThat(topic.of("cam")).hasSize(IMAGES);
  }

  private static long lostWithProducer(FrameLedger ledger) {
    return ledger.getDropped().getOrDefault("producer-failed", 0L);
  }

  private static void maxMessageBytes(Admin admin, String topic, int bytes) throws Exception {
    AlterConfigOp change =
        new AlterConfigOp(
            new ConfigEntry("max.message.bytes", Integer.toString(bytes)),
            AlterConfigOp.OpType.SET);
    admin
        .incrementalAlterConfigs(
            Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic), List.of(change)))
        .all()
        .get();
  }

  /** An MJPEG camera whose first connection falls silent after five pictures. */
  private static void serveSilentThenLive(
      ServerSocket camera, byte[] jpeg, AtomicInteger connections, CountDownLatch over) {
    while (!camera.isClosed()) {
      try (Socket client = camera.accept()) {
        OutputStream out = client.getOutputStream();
        write(out, "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=b\r\n\r\n");
        int most = connections.incrementAndGet() == 1 ? 5 : 10_000;
        for (int i = 0; i < most && !over.await(40, TimeUnit.MILLISECONDS); i++) {
          write(out, "--b\r\nContent-Type: image/jpeg\r\n");
          write(out, "Content-Length: " + jpeg.length + "\r\n\r\n");
          out.write(jpeg);
          write(out, "\r\n");
          out.flush();
        }
        // Silent until the other side gives up.
        client.getInputStream().transferTo(OutputStream.nullOutputStream());
      } catch (IOException e) {
        // The client went away, as it should; or the test is over.
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static CameraStatus said(Map<String, CameraStatus> statuses, String camera) {
    return Objects.requireNonNull(statuses.get(camera), camera + " has said nothing");
  }

  private static long existing(FramesOnTopic topic) {
    try {
      return topic.count();
    } catch (RuntimeException e) {
      return 0; // The topic is not there yet.
    }
  }

  private static Main start(String prefix, String... cameras) throws InterruptedException {
    return Main.start(IngestProcess.config(hocon(prefix, cameras)));
  }

  private static String hocon(String prefix, String... cameras) {
    return hoconFor(broker.bootstrapServers(), prefix, "", cameras);
  }

  private static String hoconFor(String bootstrap, String prefix, String more, String... cameras) {
    return String.format(
            "kafka { bootstrap.servers = \"%s\", topic-prefix = \"%s\", partitions = 3 }%n%s%n",
            bootstrap, prefix, more)
        + "cameras {\n"
        + String.join("\n", Arrays.asList(cameras))
        + "\n}";
  }

  private static FramesOnTopic topic(String prefix) {
    return new FramesOnTopic(settings(prefix, broker.bootstrapServers()));
  }

  private static KafkaSettings settings(String prefix, String bootstrap) {
    return new KafkaSettings(
        prefix, 3, (short) -1, Optional.empty(), Map.of("bootstrap.servers", bootstrap));
  }

  /** A picture that carries its number as eight black or white bars. */
  private static void writeImage(Path file, int number) throws IOException {
    BufferedImage image = new BufferedImage(320, 192, BufferedImage.TYPE_3BYTE_BGR);
    Graphics2D g = image.createGraphics();
    for (int bit = 0; bit < 8; bit++) {
      g.setColor((number >> bit & 1) == 1 ? Color.WHITE : Color.BLACK);
      g.fillRect(bit * 40, 0, 40, 192);
    }
    g.dispose();
    ImageIO.write(image, "jpg", file.toFile());
  }

  private static int numberIn(BufferedImage image) {
    int number = 0;
    for (int bit = 0; bit < 8; bit++) {
      if (new Color(image.getRGB(bit * 40 + 20, 96)).getGreen() > 127) {
        number |= 1 << bit;
      }
    }
    return number;
  }

  private static BufferedImage decode(Frame frame) throws IOException {
    byte[] bytes = new byte[frame.getImage().remaining()];
    frame.getImage().duplicate().get(bytes);
    return ImageIO.read(new ByteArrayInputStream(bytes));
  }
}
