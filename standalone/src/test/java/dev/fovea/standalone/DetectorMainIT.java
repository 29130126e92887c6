package dev.fovea.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import dev.fovea.detector.DetectorConfig;
import dev.fovea.detector.Main;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.StrictConfig;
import dev.fovea.schema.Topic;
import dev.fovea.schema.TopicCreator;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.ModelRelease;
import dev.fovea.schema.avro.Outcome;
import dev.fovea.schema.avro.ReleaseStage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The detector as it is started, with the bundled model, on a real broker. */
class DetectorMainIT {
  private static final Path MODEL = Path.of("../models/street-synthetic").toAbsolutePath();
  private static final String MODEL_NAME = "street-synthetic";
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final int WIDTH_PX = 320;
  private static final int HEIGHT_PX = 180;

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
            Map.of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "max.request.size",
                Integer.toString(2 * Topics.MAX_RECORD_BYTES)));
    topics = new Topics(kafka);
    try (Admin admin = Admin.create(kafka.adminProperties("test", Map.of()))) {
      new TopicCreator(admin, kafka)
          .ensure(
              List.of(topics.frames(), topics.detections(), topics.deadLetters(), topics.models()));
    }
  }

  @AfterEach
  void stopBroker() {
    broker.close();
  }

  @Test
  void aBadRecordBecomesADeadLetterWithItsBytesAndDisturbsNoOther() throws Exception {
    byte[] garbage = "not a frame".getBytes(UTF_8);
    byte[] brokenJpeg = "not a picture".getBytes(UTF_8);
    // The largest that the frames topic takes: the letter, with its headers, must fit as well.
    byte[] largest = new byte[Topics.MAX_RECORD_BYTES - 100];
    byte[] key = "gate".getBytes(UTF_8);
    try (TestFrames frames = frames();
        DetectionsTally tally = new DetectionsTally(kafka);
        Main detector = Main.start(config(""))) {
      frames.send(3, "gate", "yard");
      frames.sendRaw(key, garbage);
      frames.sendRaw(key, null);
      frames.sendPicture("gate", brokenJpeg);
      frames.sendRaw(key, largest);
      frames.send(3, "gate", "yard");

      tally.awaitAnswers(13, LONG);

      tally.assertExactlyOneAnswerPerFrameInOrder();
      assertThat(tally.answers()).hasSize(13);
      assertThat(tally.answers())
          .filteredOn(a -> a.answer().getOutcome() == Outcome.UNDECODABLE)
          .singleElement()
          .satisfies(a -> assertThat(a.answer().getError()).isNotBlank());
      List<ConsumerRecord<byte[], byte[]>> letters = tally.readDeadLetters();
      assertThat(letters).hasSize(4).allSatisfy(l -> assertThat(l.key()).isEqualTo(key));
      assertThat(letters.get(0).value()).isEqualTo(garbage);
      assertThat(letters.get(1).value()).isNull();
      assertThat(letters.get(3).value()).isEqualTo(largest);
      assertThat(letters)
          .allSatisfy(
              l -> {
                assertThat(header(l, "topic")).isEqualTo(topics.frames().name());
                assertThat(header(l, "error-message")).isNotBlank();
              });
      await().atMost(LONG).until(() -> detector.metrics().answered() == 13);
    }
  }

  @Test
  void aReleaseIsTakenUpWithoutLosingAFrameAndABadOneIsRefused() throws Exception {
    String before = "\"version\" : \"" + versionOf(MODEL) + "\"";
    Path next = copyOfModel("next", before, "\"version\" : \"next\"");
    Path bad = copyOfModel("bad", before, "\"version\" : \"bad\"");
    Files.write(bad.resolve("model.onnx"), new byte[] {1, 2, 3});
    try (TestFrames frames = frames();
        DetectionsTally tally = new DetectionsTally(kafka);
        Main detector = Main.start(config("model.follow = " + MODEL_NAME))) {
      frames.send(20, "gate", "yard");
      tally.awaitAnswers(10, LONG);
      announce(next, "next");
      await()
          .atMost(LONG)
          .until(
              () -> {
                frames.send(1, "gate", "yard");
                return detector.metrics().modelSwaps() == 1;
              });
      announce(bad, "bad");
      await()
          .atMost(LONG)
          .until(
              () -> {
                frames.send(1, "gate", "yard");
                return detector.metrics().refusedReleases() == 1;
              });
      frames.send(10, "gate", "yard");

      tally.awaitAnswers(tally.readFrames().size(), LONG);

      tally.assertExactlyOneAnswerPerFrameInOrder();
      assertThat(versionsOf(tally, "gate")).containsExactly(versionOf(MODEL), "next");
      assertThat(versionsOf(tally, "yard")).containsExactly(versionOf(MODEL), "next");
    }
  }

  /** The versions that answered a camera, a change each; so a change back would show. */
  private static List<String> versionsOf(DetectionsTally tally, String camera) {
    List<String> versions = new java.util.ArrayList<>();
    for (DetectionsTally.Answered answered : tally.answers()) {
      String version = answered.answer().getModelVersion();
      if (answered.key().equals(camera)
          && (versions.isEmpty() || !versions.get(versions.size() - 1).equals(version))) {
        versions.add(version);
      }
    }
    return versions;
  }

  private void announce(Path release, String version) throws Exception {
    byte[] manifest = Files.readAllBytes(release.resolve("manifest.json"));
    Topic<String, ModelRelease> models = topics.models();
    ModelRelease said =
        ModelRelease.newBuilder()
            .setName(MODEL_NAME)
            .setVersion(version)
            .setUri(release.toString())
            .setManifestSha256(
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(manifest)))
            .setClasses(List.of("car", "person", "bicycle"))
            .setInputWidthPx(448)
            .setInputHeightPx(256)
            .setMetrics(Map.of())
            .setStage(ReleaseStage.LIVE)
            .setCreatedAtMicros(1)
            .build();
    try (var producer =
        new KafkaProducer<>(
            kafka.producerProperties("test-models", Map.of()),
            models.keySerde().serializer(),
            models.valueSerde().serializer())) {
      producer.send(new ProducerRecord<>(models.name(), MODEL_NAME, said)).get();
    }
  }

  private Path copyOfModel(String name, String from, String to) throws IOException {
    Path copy = Files.createDirectories(folder.resolve(name));
    Files.copy(MODEL.resolve("model.onnx"), copy.resolve("model.onnx"));
    String manifest = Files.readString(MODEL.resolve("manifest.json"));
    assertThat(manifest).contains(from);
    Files.writeString(copy.resolve("manifest.json"), manifest.replace(from, to));
    return copy;
  }

  private static String versionOf(Path release) throws IOException {
    return new com.fasterxml.jackson.databind.ObjectMapper()
        .readTree(release.resolve("manifest.json").toFile())
        .get("version")
        .asText();
  }

  private DetectorConfig config(String more) {
    return DetectorConfig.from(
        StrictConfig.load(
            DetectorConfig.class,
            ConfigFactory.parseString(
                """
                kafka { bootstrap.servers = "%s", partitions = 3 }
                model.dir = "%s"
                %s
                """
                    .formatted(broker.bootstrapServers(), MODEL, more))));
  }

  private TestFrames frames() {
    byte[] jpeg = jpeg();
    return new TestFrames(kafka, WIDTH_PX, HEIGHT_PX, number -> jpeg);
  }

  private static byte[] jpeg() {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ImageIO.write(
          new BufferedImage(WIDTH_PX, HEIGHT_PX, BufferedImage.TYPE_3BYTE_BGR), "jpg", out);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
    return new String(letter.headers().lastHeader(name).value(), UTF_8);
  }
}
