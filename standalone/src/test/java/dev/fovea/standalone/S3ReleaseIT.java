package dev.fovea.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import dev.fovea.detector.DetectorConfig;
import dev.fovea.detector.model.ReleaseFolder;
import dev.fovea.detector.s3.S3Settings;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.StrictConfig;
import dev.fovea.schema.TopicCreator;
import dev.fovea.schema.Topics;
import dev.fovea.trainer.store.ModelStores;
import dev.fovea.trainer.store.Promotion;
import dev.fovea.trainer.store.ReleaseTopic;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A detector that serves releases out of a bucket, on a real broker and a real S3 server: one
 * announced while the store is away, one promoted by the command line, one that is not there. No
 * frame is lost or answered twice.
 */
class S3ReleaseIT {
  private static final Path MODEL = Path.of("../models/street-synthetic-int8").toAbsolutePath();
  private static final Path SERVER = Path.of("target/s3proxy/s3proxy.jar");
  private static final String NAME = "street-synthetic";
  private static final Duration LONG = Duration.ofSeconds(90);
  private static final int SIDE_PX = 64;
  private static final String SECRET = "hush-s3-4711";
  private static final Map<String, String> CREDENTIALS =
      Map.of("aws.accessKeyId", "fovea-test", "aws.secretAccessKey", SECRET);

  @TempDir Path folder;

  private EmbeddedBroker broker;
  private KafkaSettings kafka;
  private Topics topics;
  private int storePort;
  private Optional<Process> store = Optional.empty();

  @BeforeEach
  void startBroker() throws Exception {
    CREDENTIALS.forEach(System::setProperty);
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
              List.of(topics.frames(), topics.detections(), topics.deadLetters(), topics.models()));
    }
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      storePort = socket.getLocalPort();
    }
  }

  @AfterEach
  void stop() {
    store.ifPresent(Process::destroyForcibly);
    broker.close();
    CREDENTIALS.keySet().forEach(System::clearProperty);
  }

  @Test
  void aDetectorSwapsToReleasesOfABucketWithoutLosingAFrame() throws Exception {
    startStore();
    keep(copy("two", folder.resolve("two")), "two");
    stopStore();
    try (TestFrames frames = new TestFrames(kafka, SIDE_PX, SIDE_PX, n -> picture());
        DetectionsTally tally = new DetectionsTally(kafka);
        dev.fovea.detector.Main detector = dev.fovea.detector.Main.start(detectorConfig())) {
      Callable<Boolean> framesAreAnswered = answering(frames, detector);
      frames.send(3, "north", "south");
      String first = ReleaseFolder.open(MODEL).manifest().version();

      announce(folder.resolve("two"), "s3://models/site/" + NAME + "/two");
      await().atMost(LONG).until(() -> detector.metrics().waitingReaders() == 1);
      await().atMost(LONG).until(framesAreAnswered);
      assertThat(detector.metrics().modelSwaps()).as("while the store is away").isZero();
      assertThat(detector.metrics().refusedReleases()).isZero();

      startStore();
      awaitSwaps(1, detector, frames);
      assertThat(detector.metrics().waitingReaders()).isZero();

      keep(copy("three", folder.resolve("three")), "three");
      assertThat(models("list")).containsPattern("two +live").containsPattern("three +kept");
      assertThat(models("promote three")).contains("three is announced as live.");
      awaitSwaps(2, detector, frames);
      assertThat(models("show live")).containsPattern("place +s3://models/site/" + NAME + "/three");
      assertThat(models("diff two three")).contains("two").contains("three");
      assertThat(models("rollback")).contains("two is announced as live again.");
      awaitSwaps(3, detector, frames);

      announce(copy("four", folder.resolve("four")), "s3://models/site/" + NAME + "/four");
      await().atMost(LONG).until(() -> detector.metrics().refusedReleases() == 1);
      await().atMost(LONG).until(framesAreAnswered);

      tally.awaitAnswers(tally.readFrames().size(), LONG);
      tally.assertExactlyOneAnswerPerFrameInOrder();
      assertThat(versions(tally, "north")).containsExactly(first, "two", "three", "two");
    }
  }

  /** Sends frames, and is true once the detector has answered more than before. */
  private static Callable<Boolean> answering(TestFrames frames, dev.fovea.detector.Main detector) {
    return () -> {
      long before = detector.metrics().answered();
      frames.send(2, "north", "south");
      await().atMost(LONG).until(() -> detector.metrics().answered() >= before + 4);
      return true;
    };
  }

  private static void awaitSwaps(long swaps, dev.fovea.detector.Main detector, TestFrames frames) {
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              frames.send(1, "north", "south");
              return detector.metrics().modelSwaps() == swaps;
            });
    long answered = detector.metrics().answered();
    await()
        .atMost(LONG)
        .until(
            () -> {
              frames.send(1, "north", "south");
              return detector.metrics().answered() > answered + 4;
            });
  }

  private void announce(Path release, String uri) throws Exception {
    new Promotion(
            new ReleaseTopic(kafka, topics.models(), "test"),
            NAME,
            Optional.empty(),
            Clock.systemUTC())
        .promote(ReleaseFolder.open(release), uri);
  }

  /** As a round does. */
  private void keep(Path release, String version) throws IOException {
    S3Settings s3 =
        new S3Settings(
            Optional.of(endpoint()),
            Optional.empty(),
            true,
            Duration.ofSeconds(10),
            Duration.ofMinutes(1));
    try (ModelStores stores =
        ModelStores.open("s3://models/site", s3, folder.resolve("fetched-by-test"))) {
      assertThat(stores.store().put(release).uri())
          .isEqualTo("s3://models/site/" + NAME + "/" + version);
    }
  }

  private DetectorConfig detectorConfig() {
    return DetectorConfig.from(
        StrictConfig.load(
            DetectorConfig.class,
            ConfigFactory.parseString(
                """
                kafka { bootstrap.servers = "%s", partitions = 3 }
                model { dir = "%s", follow = %s }
                s3 { endpoint = "%s", path-style = true, timeout = 5 s }
                fetched-releases = "%s"
                engine-threads = 1
                """
                    .formatted(
                        broker.bootstrapServers(),
                        MODEL,
                        NAME,
                        endpoint(),
                        folder.resolve("fetched")))));
  }

  private String models(String what) throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("trainer.conf"),
            """
            kafka { bootstrap.servers = "%s", partitions = 3 }
            model { name = %s, start = "%s" }
            store { url = "s3://models/site", s3 { endpoint = "%s", path-style = true } }
            data-dir = "%s"
            """
                .formatted(
                    broker.bootstrapServers(), NAME, MODEL, endpoint(), folder.resolve("trainer")));
    List<String> arguments = new ArrayList<>(List.of("models"));
    arguments.addAll(List.of(what.split(" ")));
    arguments.addAll(List.of("--config", config.toString()));
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

  private URI endpoint() {
    return URI.create("http://127.0.0.1:" + storePort);
  }

  /** S3Proxy, which keeps a bucket as a folder; on the same port each time. */
  private void startStore() throws IOException {
    Path buckets = folder.resolve("buckets");
    Files.createDirectories(buckets.resolve("models"));
    Path settings =
        Files.writeString(
            folder.resolve("s3proxy.properties"),
            """
            s3proxy.endpoint=%s
            s3proxy.authorization=aws-v2-or-v4
            s3proxy.identity=fovea-test
            s3proxy.credential=%s
            jclouds.provider=filesystem-nio2
            jclouds.filesystem.basedir=%s
            """
                .formatted(endpoint(), SECRET, buckets));
    store =
        Optional.of(
            new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-Xmx256m",
                    "-cp",
                    SERVER.toString(),
                    "org.gaul.s3proxy.Main",
                    "--properties",
                    settings.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("s3proxy.log").toFile())
                .start());
    await()
        .atMost(LONG)
        .ignoreExceptions()
        .until(
            () -> {
              new Socket(InetAddress.getLoopbackAddress(), storePort).close();
              return true;
            });
  }

  private void stopStore() throws InterruptedException {
    store.orElseThrow().destroyForcibly().waitFor();
  }

  /** The model under another version. */
  private static Path copy(String version, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(MODEL)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
    Path manifest = to.resolve(ReleaseFolder.MANIFEST);
    String text = Files.readString(manifest);
    Files.writeString(
        manifest,
        text.replaceFirst("\"version\" : \"[^\"]*\"", "\"version\" : \"" + version + "\""));
    return to;
  }

  private static byte[] picture() {
    try {
      ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
      ImageIO.write(new BufferedImage(SIDE_PX, SIDE_PX, BufferedImage.TYPE_INT_RGB), "jpg", jpeg);
      return jpeg.toByteArray();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
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
}
