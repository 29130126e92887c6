package dev.fovea.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import dev.fovea.schema.CameraId;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.TopicCreator;
import dev.fovea.schema.Topics;
import dev.fovea.trainer.data.CocoDataset;
import dev.fovea.trainer.labelfiles.FileLabels;
import dev.fovea.trainer.labelfiles.LabelFormat;
import dev.fovea.trainer.labels.AnnotationReader;
import dev.fovea.trainer.labels.AnnotationWriter;
import dev.fovea.trainer.labels.DeadLetterWriter;
import dev.fovea.trainer.labels.FileAnnotations;
import dev.fovea.trainer.labels.LabelArchive;
import dev.fovea.trainer.labels.LabelSettings;
import dev.fovea.trainer.labels.LabelVersion;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Labels from files to the topic, from there to a trainer's archive, and out again. */
class AnnotateIT {
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final int PICTURES = 24;
  private static final String PICTURES_OF = "fovea_trainer_dataset_pictures{side=";

  @TempDir static Path folder;
  private static EmbeddedBroker broker;
  private static Path street;

  @BeforeAll
  static void start() {
    broker = EmbeddedBroker.start(folder.resolve("kafka"));
    street = folder.resolve("street");
    assertThat(run("synthesize", "--out", street, "--count", PICTURES, "--seed", 7).status())
        .isZero();
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  private record Said(int status, String out, String err) {}

  private static Said run(Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command =
        Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int status = command.execute(Arrays.stream(args).map(Object::toString).toArray(String[]::new));
    return new Said(status, out.toString(), err.toString());
  }

  @Test
  void anImportIsThereOnceAndComesOutAsItWentIn() throws Exception {
    Path config = Files.writeString(folder.resolve("a.conf"), "kafka { " + hocon("a.") + " }");
    Object[] importing = {
      "annotate",
      "import",
      "--format",
      "coco",
      "--data",
      street.resolve("annotations.json"),
      "--images",
      street.resolve("images"),
      "--camera",
      "drawn",
      "--config",
      config
    };

    Said first = run(importing);
    Said second = run(importing);
    Said exported = run("annotate", "export", "--out", folder.resolve("out"), "--config", config);

    CocoDataset before =
        CocoDataset.read(street.resolve("annotations.json"), street.resolve("images"));
    assertThat(first.err()).doesNotContain("fovea:");
    assertThat(first.out())
        .contains(
            PICTURES
                + " pictures with "
                + before.boxes()
                + " boxes sent to a.annotations, 0 were there already");
    assertThat(second.out()).contains("0 pictures with 0 boxes sent");
    assertThat(second.out()).contains(PICTURES + " were there already");
    assertThat(exported.out()).contains(PICTURES + " pictures of the topic a.annotations");
    Path out = folder.resolve("out");
    CocoDataset after = CocoDataset.read(out.resolve("annotations.json"), out.resolve("images"));
    assertThat(boxes(after)).isEqualTo(boxes(before));
    assertThat(run("annotate", "export", "--out", out, "--config", config).err())
        .contains(out + ": is not empty");
  }

  @Test
  void aWrongPictureIsNamedBeforeAnythingIsSent() throws Exception {
    Path labels = Files.createDirectories(folder.resolve("bad/labels"));
    Path images = Files.createDirectories(folder.resolve("bad/images"));
    byte[] good = Files.readAllBytes(files(street.resolve("images")).get(0));
    Files.write(images.resolve("a.jpg"), good);
    // Whole markers around data that ends in the middle: only decoding tells.
    byte[] damaged = good.clone();
    Arrays.fill(damaged, good.length / 2, good.length - 2, (byte) 0);
    Files.write(images.resolve("b.jpg"), damaged);
    Files.writeString(labels.resolve("classes.txt"), "car\n");
    Files.writeString(labels.resolve("a.txt"), "0 .5 .5 .1 .1\n");

    Said said =
        run(
            "annotate",
            "import",
            "--format",
            "yolo",
            "--data",
            labels,
            "--images",
            images,
            "--camera",
            "bad",
            "--bootstrap",
            "127.0.0.1:1");

    assertThat(said.status()).isEqualTo(1);
    assertThat(said.err()).contains("b.jpg").contains("damaged").doesNotContain("127.0.0.1:1");
  }

  /**
   * Labels come while the trainer is killed again and again, with records that are none between
   * them. Whatever it had done, in the end every picture is in the archive once, on the side it was
   * first on.
   */
  @Test
  void aTrainerKilledAtAnyPointLosesAndDoublesNothing() throws Exception {
    KafkaSettings kafka = topics("k.");
    Path root = folder.resolve("archive");
    Path log = folder.resolve("trainer.log");
    List<FileLabels> pictures =
        LabelFormat.COCO.read(
            street.resolve("annotations.json"), street.resolve("images"), Optional.empty());
    Set<String> heldOut = new TreeSet<>();
    for (int kill = 0; kill < 3; kill++) {
      Process trainer = LabelReaderProcess.start(hocon("k."), root, log);
      try {
        send(kafka, "c" + kill, pictures.subList(0, 8 * (kill + 1)));
        sendHostile(kafka);
        // In the middle: some of it is in a version, some is not.
        int had = versions(root);
        await().atMost(LONG).until(() -> versions(root) > had || !trainer.isAlive());
        assertThat(trainer.isAlive()).as(Files.readString(log)).isTrue();
      } finally {
        trainer.destroyForcibly().waitFor();
      }
      heldOut.addAll(names(root, LabelArchive.latest(root).orElseThrow().valJson()));
    }

    LabelVersion last;
    LabelSettings rules = LabelSettings.defaults();
    try (LabelArchive archive = LabelArchive.open(root, rules);
        DeadLetterWriter letters = new DeadLetterWriter(kafka);
        AnnotationReader reader = new AnnotationReader(kafka, archive, rules, letters)) {
      reader.drain();
      last = reader.cut().orElseThrow();
      assertThat(reader.drain()).as("nothing is left").isEqualTo(nothing());
      assertThat(reader.newSince(last.id())).isZero();
    }

    assertThat(names(root, last.valJson())).containsAll(heldOut);
    Set<String> all = new HashSet<>(names(root, last.trainJson()));
    all.addAll(names(root, last.valJson()));
    assertThat(all).hasSize(PICTURES);
    assertThat(last.trainPictures() + last.valPictures()).isEqualTo(PICTURES);
    List<ConsumerRecord<byte[], byte[]>> letters;
    try (DetectionsTally tally = new DetectionsTally(kafka)) {
      letters = tally.readDeadLetters();
    }
    // A kill right after a dead letter may have it written once more; none is left out.
    Set<String> places = new TreeSet<>();
    for (ConsumerRecord<byte[], byte[]> letter : letters) {
      assertThat(letter.value()).isEqualTo("no annotation".getBytes(UTF_8));
      places.add(header(letter, "partition") + "@" + header(letter, "offset"));
      assertThat(header(letter, "stage")).isEqualTo("labels");
      assertThat(header(letter, "error-message")).startsWith("k.annotations-");
    }
    assertThat(places).hasSize(3);
  }

  /** The whole trainer, with its folder on a disk of its own that holds a part of the pictures. */
  @Test
  void aFullDiskIsNamedByTheHealthCheckAndLosesNoLabel() throws Exception {
    assumeTrue(SmallDisk.isPossible(), "no disk can be mounted in a name space (unshare -rm)");
    KafkaSettings kafka = topics("f.");
    List<FileLabels> pictures =
        LabelFormat.COCO.read(
            street.resolve("annotations.json"), street.resolve("images"), Optional.empty());
    Path data = Files.createDirectories(folder.resolve("small-disk"));
    Path log = folder.resolve("full.log");
    Scrapes scrapes = new Scrapes(freePort());
    Path config =
        Files.writeString(
            folder.resolve("full.conf"),
            """
            data-dir = "%s"
            schedule { cron = "", after-labels = 4 }
            gate.min-images = 1000
            kafka { %s }
            """
                .formatted(data, hocon("f.")));
    try (SmallDisk disk =
        SmallDisk.start(
            data,
            "400k",
            log,
            "trainer",
            "--config",
            config.toString(),
            "--health-port",
            String.valueOf(scrapes.port()))) {
      send(kafka, "c", pictures.subList(0, 4));
      awaitPictures(4, scrapes, disk);

      send(kafka, "c", pictures.subList(4, PICTURES));
      await()
          .atMost(LONG)
          .untilAsserted(
              () ->
                  assertThat(scrapes.health())
                      .contains("annotations wait to be taken in: " + data.resolve("labels"))
                      .contains("No space left on device")
                      .contains("Make room: nothing is lost"));
      scrapes.look();
      assertThat(scrapes.last())
          .containsEntry("fovea_trainer_label_feed_up", 0.0)
          .containsEntry("fovea_trainer_dataset_new_labels", 0.0);
      Path archive = disk.seenFromOutside(data.resolve("labels"));
      LabelVersion whole = LabelArchive.latest(archive).orElseThrow();
      assertThat(names(archive, whole.trainJson()).size() + names(archive, whole.valJson()).size())
          .as("what is on disk is still a data set")
          .isEqualTo(4);
      assertThat(Files.readString(log))
          .contains("Annotations could not be taken in")
          .contains("No space left on device");

      disk.resize("64m");
      awaitPictures(PICTURES, scrapes, disk);
      assertThat(scrapes.health()).isEqualTo("ok");
      assertThat(scrapes.last()).containsEntry("fovea_trainer_label_feed_up", 1.0);
      LabelVersion last = LabelArchive.latest(archive).orElseThrow();
      Set<String> all = new HashSet<>(names(archive, last.trainJson()));
      all.addAll(names(archive, last.valJson()));
      assertThat(all).hasSize(PICTURES);
    }
  }

  private static void awaitPictures(int pictures, Scrapes scrapes, SmallDisk disk) {
    await()
        .atMost(LONG)
        .failFast("the trainer has ended", () -> !disk.isRunning())
        .until(
            () -> {
              scrapes.look();
              return scrapes.last().getOrDefault(PICTURES_OF + "\"train\"}", 0.0)
                      + scrapes.last().getOrDefault(PICTURES_OF + "\"val\"}", 0.0)
                  == pictures;
            });
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static AnnotationReader.Drained nothing() {
    return new AnnotationReader.Drained(0, 0, 0);
  }

  private static void send(KafkaSettings kafka, String camera, List<FileLabels> pictures)
      throws Exception {
    try (FileAnnotations annotations = new FileAnnotations(new CameraId(camera), "test", 1);
        AnnotationWriter writer = new AnnotationWriter(kafka, new CameraId(camera))) {
      for (FileLabels picture : pictures) {
        writer.write(annotations.of(picture));
        writer.commit();
      }
    }
  }

  private static void sendHostile(KafkaSettings kafka) throws Exception {
    try (var producer =
        new KafkaProducer<>(
            kafka.producerProperties("test", Map.of()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer
          .send(
              new ProducerRecord<>(
                  "k.annotations", "c0".getBytes(UTF_8), "no annotation".getBytes(UTF_8)))
          .get();
    }
  }

  private static int versions(Path root) {
    return LabelArchive.latest(root).map(v -> Integer.parseInt(v.id())).orElse(0);
  }

  private static List<String> names(Path root, Path json) throws Exception {
    List<String> names = new ArrayList<>();
    for (JsonNode image : new ObjectMapper().readTree(json.toFile()).path("images")) {
      assertThat(root.resolve("images").resolve(image.path("file_name").asText())).isRegularFile();
      names.add(image.path("file_name").asText());
    }
    return names;
  }

  /** Every box of a data set, with the size of its picture; ids and names differ. */
  private static List<String> boxes(CocoDataset dataset) {
    List<String> boxes = new ArrayList<>();
    dataset
        .pictures()
        .forEach(
            picture ->
                picture
                    .annotations()
                    .forEach(
                        a ->
                            boxes.add(
                                "%s %.2f %.2f %.2f %.2f"
                                    .formatted(
                                        dataset.classes().get(a.label()),
                                        a.x(),
                                        a.y(),
                                        a.width(),
                                        a.height()))));
    boxes.sort(null);
    return boxes;
  }

  private static List<Path> files(Path in) throws Exception {
    try (var files = Files.list(in)) {
      return files.sorted().toList();
    }
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), UTF_8);
  }

  private static KafkaSettings topics(String prefix) throws Exception {
    KafkaSettings kafka = KafkaSettings.from(ConfigFactory.parseString(hocon(prefix)));
    Topics topics = new Topics(kafka);
    try (Admin admin = Admin.create(kafka.adminProperties("test", Map.of()))) {
      new TopicCreator(admin, kafka)
          .ensure(List.of(topics.annotations(), topics.deadLetters(), topics.detections()));
    }
    return kafka;
  }

  private static String hocon(String prefix) {
    return "bootstrap.servers = \"%s\", topic-prefix = \"%s\", partitions = 3"
        .formatted(broker.bootstrapServers(), prefix);
  }
}
