package dev.fovea.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.typesafe.config.ConfigFactory;
import dev.fovea.detector.DetectorConfig;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.StrictConfig;
import dev.fovea.schema.Topic;
import dev.fovea.schema.TopicCreator;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.Annotation;
import dev.fovea.schema.avro.AnnotationSource;
import dev.fovea.schema.avro.LabelledBox;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The loop closed, on a real broker: labels come in, a round trains in the trainer's own process,
 * its model is promoted, a detector swaps to it, and back on a rollback. No frame is lost or
 * answered twice.
 */
class TrainerIT {
  private static final Duration LONG = Duration.ofMinutes(4);
  private static final int SIDE_PX = 64;
  private static final int LABELS = 110;
  private static final String RECIPE =
      """
      input { width = 64, height = 64 }
      network { width-factor = 0.1, pyramid-channels = 16, head-convolutions = 1 }
      schedule { steps = 1, batch = 4, evaluate-every = 0, threads = 1 }
      optimizer { learning-rate = 0.003, warm-up-steps = 5, average-decay = 0.9 }
      augmentation { scale-min = 1, scale-max = 1, colour = 0 }
      """;

  @TempDir Path folder;

  private EmbeddedBroker broker;
  private KafkaSettings kafka;
  private Topics topics;

  @BeforeEach
  void startBroker() throws Exception {
    broker = EmbeddedBroker.start(folder.resolve("kafka"));
    kafka =
        new KafkaSettings(
            "fovea.",
            3,
            (short) -1,
            Optional.empty(),
            Map.of("bootstrap.servers", broker.bootstrapServers()));
    topics = new Topics(kafka);
    try (Admin admin = Admin.create(kafka.adminProperties("test", Map.of()))) {
      new TopicCreator(admin, kafka)
          .ensure(
              List.of(
                  topics.frames(),
                  topics.detections(),
                  topics.deadLetters(),
                  topics.models(),
                  topics.cameras(),
                  topics.annotations()));
    }
  }

  @AfterEach
  void stopBroker() {
    broker.close();
  }

  @Test
  void labelsBecomeALiveModelAndARollbackTakesItBackWithoutLosingAFrame() throws Exception {
    List<Drawn> drawn = drawn(LABELS, 11);
    Path start = startModel(drawn);
    Path config = trainerConfig(start);
    Process trainer = null;
    try (TestFrames frames =
            new TestFrames(kafka, SIDE_PX, SIDE_PX, n -> drawn.get((int) n % LABELS).jpeg());
        DetectionsTally tally = new DetectionsTally(kafka);
        dev.fovea.detector.Main detector = dev.fovea.detector.Main.start(detectorConfig(start))) {
      Scrapes scrapes = new Scrapes(freePort());
      trainer =
          fovea(
              "trainer",
              "--config",
              config.toString(),
              "--health-port",
              String.valueOf(scrapes.port()));
      frames.send(5, "north", "south");
      annotate(drawn);

      Process running = trainer;
      awaitSwaps(1, detector, frames, trainer, scrapes::look);
      await()
          .atMost(LONG)
          .failFast("the trainer has ended", () -> !running.isAlive())
          .untilAsserted(() -> assertMetricsTellOfThePromotedRound(scrapes));
      String list = models("list", config);
      assertThat(list).containsPattern("r0001-[0-9a-f]{8} +live +0\\.\\d{4}");
      assertThat(models("show live", config)).contains("The gate let it pass:");

      // Its answers, before it goes again.
      frames.send(5, "north", "south");
      tally.awaitAnswers(tally.readFrames().size(), LONG);
      assertThat(models("rollback", config)).contains("is announced as live again");
      awaitSwaps(2, detector, frames, trainer, () -> {});
      frames.send(5, "north", "south");
      tally.awaitAnswers(tally.readFrames().size(), LONG);

      tally.assertExactlyOneAnswerPerFrameInOrder();
      assertThat(versions(tally, "north"))
          .hasSize(3)
          .satisfies(v -> assertThat(v.get(1)).startsWith("r0001-"))
          .satisfies(v -> assertThat(v.get(2)).isEqualTo(v.get(0)));
      assertThat(audit()).contains("\"clean\"");

      trainer.destroy();
      assertThat(trainer.waitFor(20, TimeUnit.SECONDS)).as("ends on SIGTERM").isTrue();
      assertThat(trainer.exitValue()).isZero();
    } finally {
      if (trainer != null) {
        trainer.destroyForcibly();
      }
    }
    assertThat(folder.resolve("trainer/rounds/0001/report.html")).isNotEmptyFile();
  }

  private static void awaitSwaps(
      long swaps,
      dev.fovea.detector.Main detector,
      TestFrames frames,
      Process trainer,
      Runnable meanwhile) {
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofMillis(100))
        .failFast("the trainer has ended", () -> !trainer.isAlive())
        .until(
            () -> {
              frames.send(1, "north", "south");
              meanwhile.run();
              return detector.metrics().modelSwaps() == swaps;
            });
  }

  /** They moved while it trained, and say afterwards what has come of it. */
  private static void assertMetricsTellOfThePromotedRound(Scrapes scrapes) {
    scrapes.look();
    Map<String, Double> now = scrapes.last();
    assertThat(scrapes.seen("fovea_trainer_phase{phase=\"training\"}")).contains(0.0, 1.0);
    assertThat(scrapes.seen("fovea_trainer_training_step")).hasSizeGreaterThan(2);
    assertThat(scrapes.seen("fovea_trainer_training_steps")).containsExactly(200.0);
    assertThat(scrapes.seen("fovea_trainer_training_loss{part=\"class\"}"))
        .hasSizeGreaterThan(2)
        .allSatisfy(loss -> assertThat(loss).isPositive());
    assertThat(scrapes.seen("fovea_trainer_training_loss{part=\"box\"}")).hasSizeGreaterThan(2);
    assertThat(scrapes.seen("fovea_trainer_training_pictures_per_second"))
        .allSatisfy(speed -> assertThat(speed).isPositive());
    assertThat(now)
        .containsEntry("fovea_trainer_phase{phase=\"waiting\"}", 1.0)
        .containsEntry("fovea_trainer_rounds_total{outcome=\"promoted\"}", 1.0)
        .containsEntry("fovea_trainer_rounds_total{outcome=\"refused\"}", 0.0)
        .containsEntry("fovea_trainer_failed_attempts_total", 0.0)
        .containsEntry("fovea_trainer_round", 1.0)
        .containsEntry("fovea_trainer_annotations_total{outcome=\"changed\"}", (double) LABELS)
        .containsEntry("fovea_trainer_annotations_total{outcome=\"refused\"}", 0.0)
        .containsEntry("fovea_trainer_dataset_new_labels", 0.0)
        .containsEntry("fovea_trainer_label_feed_up", 1.0)
        .doesNotContainKeys("fovea_trainer_training_step", "fovea_trainer_next_round_seconds");
    assertThat(
            scrapes.now("fovea_trainer_dataset_pictures{side=\"train\"}")
                + scrapes.now("fovea_trainer_dataset_pictures{side=\"val\"}"))
        .isEqualTo(LABELS);
    assertThat(scrapes.now("fovea_trainer_ap{model=\"candidate\"}"))
        .isGreaterThan(scrapes.now("fovea_trainer_ap{model=\"live\"}"));
    assertThat(scrapes.now("fovea_trainer_round_duration_seconds")).isPositive();
    assertThat(scrapes.now("fovea_trainer_label_feed_age_seconds")).isBetween(0.0, 30.0);
    assertThat(scrapes.now("fovea_trainer_last_promotion_timestamp_seconds"))
        .isCloseTo(System.currentTimeMillis() / 1_000.0, within(600.0));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static List<String> versions(DetectionsTally tally, String camera) {
    List<String> versions = new ArrayList<>();
    for (DetectionsTally.Answered answered : tally.answers()) {
      String version = answered.answer().getModelVersion();
      if (answered.key().equals(camera)
          && (versions.isEmpty() || !versions.get(versions.size() - 1).equals(version))) {
        versions.add(version);
      }
    }
    return versions;
  }

  // The pictures: a red and a blue square each.

  private record Square(String label, int x, int y, int side) {}

  private static final class Drawn {
    private final byte[] jpeg;
    private final List<Square> squares;

    Drawn(byte[] jpeg, List<Square> squares) {
      this.jpeg = jpeg;
      this.squares = squares;
    }

    byte[] jpeg() {
      return jpeg;
    }

    List<Square> squares() {
      return squares;
    }
  }

  private static List<Drawn> drawn(int count, long seed) throws IOException {
    Random random = new Random(seed);
    List<Drawn> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      BufferedImage picture = new BufferedImage(SIDE_PX, SIDE_PX, BufferedImage.TYPE_INT_RGB);
      Graphics2D g = picture.createGraphics();
      g.setColor(new Color(110 + random.nextInt(30), 120, 120));
      g.fillRect(0, 0, SIDE_PX, SIDE_PX);
      List<Square> squares = new ArrayList<>();
      for (int half = 0; half < 2; half++) {
        boolean red = random.nextBoolean();
        int side = 18 + random.nextInt(8);
        int x = 32 * half + random.nextInt(32 - side + 1);
        int y = random.nextInt(SIDE_PX - side);
        g.setColor(red ? Color.RED : Color.BLUE);
        g.fillRect(x, y, side, side);
        squares.add(new Square(red ? "red" : "blue", x, y, side));
      }
      g.dispose();
      ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
      ImageIO.write(picture, "jpg", jpeg);
      all.add(new Drawn(jpeg.toByteArray(), squares));
    }
    return all;
  }

  /** Of two cameras, a picture a minute: each may go to either side of the split. */
  private void annotate(List<Drawn> drawn) throws Exception {
    Topic<String, Annotation> topic = topics.annotations();
    try (var producer =
        new KafkaProducer<>(
            kafka.producerProperties("test-annotations", Map.of()),
            topic.keySerde().serializer(),
            topic.valueSerde().serializer())) {
      for (int i = 0; i < drawn.size(); i++) {
        String camera = i % 2 == 0 ? "north" : "south";
        Drawn d = drawn.get(i);
        var unused =
            producer.send(
                new ProducerRecord<>(
                    topic.name(),
                    camera,
                    Annotation.newBuilder()
                        .setCameraId(camera)
                        .setCaptureTimeMicros(60_000_000L * (1 + i))
                        .setPictureSha256(
                            HexFormat.of()
                                .formatHex(MessageDigest.getInstance("SHA-256").digest(d.jpeg())))
                        .setImage(ByteBuffer.wrap(d.jpeg()))
                        .setWidthPx(SIDE_PX)
                        .setHeightPx(SIDE_PX)
                        .setBoxes(
                            d.squares().stream()
                                .map(
                                    s ->
                                        new LabelledBox(
                                            s.label(),
                                            (float) s.x(),
                                            (float) s.y(),
                                            (float) (s.x() + s.side()),
                                            (float) (s.y() + s.side())))
                                .toList())
                        .setClasses(List.of("red", "blue"))
                        .setAuthor("test")
                        .setSource(AnnotationSource.SYNTHETIC)
                        .setAnnotatedAtMicros(1_000_000L * i)
                        .build()));
      }
      producer.flush();
    }
  }

  // The processes.

  /** A release that has learned for one step, which is nothing. */
  private Path startModel(List<Drawn> drawn) throws Exception {
    Path images = Files.createDirectories(folder.resolve("images"));
    ObjectMapper json = new ObjectMapper();
    ObjectNode root = json.createObjectNode();
    root.putArray("categories").addObject().put("id", 1).put("name", "red");
    ((ArrayNode) root.get("categories")).addObject().put("id", 2).put("name", "blue");
    ArrayNode pictures = root.putArray("images");
    root.putArray("annotations");
    for (int id = 1; id <= 4; id++) {
      Files.write(images.resolve(id + ".jpg"), drawn.get(id).jpeg());
      pictures
          .addObject()
          .put("id", id)
          .put("file_name", id + ".jpg")
          .put("width", SIDE_PX)
          .put("height", SIDE_PX);
    }
    Path data = folder.resolve("start.json");
    json.writeValue(data.toFile(), root);
    Path recipe = Files.writeString(folder.resolve("recipe.conf"), RECIPE);
    Path release = folder.resolve("start");
    Process train =
        fovea(
            "train",
            "--config",
            recipe.toString(),
            "--data",
            data.toString(),
            "--images",
            images.toString(),
            "--out",
            release.toString(),
            "--name",
            "squares");
    assertThat(train.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(train.exitValue()).as(Files.readString(folder.resolve("train.log"))).isZero();
    return release;
  }

  private Path trainerConfig(Path start) throws IOException {
    return Files.writeString(
        folder.resolve("trainer.conf"),
        """
        model { name = squares, start = "%s" }
        data-dir = "%s"
        store.url = "%s"
        labels { validation-fraction = 0.3, classes = [red, blue] }
        schedule { cron = "", after-labels = %d }
        training { steps = 200, learning-rate = 0.003, checkpoint-every = 50, threads = 1 }
        gate { min-images = 15, min-boxes = 5, max-latency-ratio = 5, resamples = 200 }
        retry { attempts = 2, first-pause = 1 s }
        kafka { bootstrap.servers = "%s", partitions = 3 }
        """
            .formatted(
                start,
                folder.resolve("trainer"),
                folder.resolve("releases"),
                LABELS,
                broker.bootstrapServers()));
  }

  private DetectorConfig detectorConfig(Path start) {
    return DetectorConfig.from(
        StrictConfig.load(
            DetectorConfig.class,
            ConfigFactory.parseString(
                """
                kafka { bootstrap.servers = "%s", partitions = 3 }
                model { dir = "%s", follow = squares }
                engine-threads = 1
                """
                    .formatted(broker.bootstrapServers(), start))));
  }

  private Process fovea(String... arguments) throws IOException {
    return LauncherProcess.start(folder.resolve(arguments[0] + ".log"), List.of(arguments));
  }

  private static String models(String what, Path config) {
    List<String> arguments = new ArrayList<>(List.of("models"));
    arguments.addAll(List.of(what.split(" ")));
    arguments.addAll(List.of("--config", config.toString()));
    return execute(arguments);
  }

  private String audit() throws IOException {
    Path site = folder.resolve("audit.conf");
    Files.writeString(
        site, "kafka.bootstrap.servers = \"%s\"%n".formatted(broker.bootstrapServers()));
    return execute(List.of("audit", "--json", "--config", site.toString()));
  }

  private static String execute(List<String> arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status =
        Main.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(arguments.toArray(String[]::new));
    assertThat(status).as("%s: %s%s", arguments, out, err).isZero();
    return out.toString();
  }
}
