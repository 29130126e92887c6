package dev.fovea.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import dev.fovea.detector.DetectorConfig;
import dev.fovea.schema.StrictConfig;
import dev.fovea.schema.Topic;
import dev.fovea.schema.TopicCreator;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.CandidateReason;
import dev.fovea.schema.avro.Detection;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.LabelCandidate;
import dev.fovea.standalone.DetectionsTally.Place;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Label candidates beside the answers, on a real broker. */
class MiningIT {
  private static final Path MODEL = Path.of("../models/street-synthetic").toAbsolutePath();
  private static final Duration LONG = Duration.ofMinutes(3);

  /** No candidate is held back for its camera's allowance. */
  private static final String MINING =
      "mining { enabled = true, per-camera-per-minute = 60000, random-share = 0.2 }\n";

  /** Enough for the miner to know what is much; the pictures come round again. */
  private static final int FRAMES = 24;

  @TempDir static Path folder;
  private static EmbeddedBroker broker;

  @BeforeAll
  static void start() {
    broker = EmbeddedBroker.start(folder.resolve("kafka"));
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @Test
  void aKilledDetectorsCandidatesAreThereOnceAndAReplayChoosesTheSame() throws Exception {
    DetectorSite site = site("killed");
    try (TestFrames frames = site.frames();
        DetectionsTally tally = new DetectionsTally(site.kafka())) {
      frames.send(300, "gate", "yard");
      Process killed = ScriptedDetector.startProcess(site.config(MINING), site.log());
      tally.awaitAnswers(100, LONG);
      killed.destroyForcibly().waitFor();
      try (ScriptedDetector heir = new ScriptedDetector(site.config(MINING))) {
        tally.awaitAnswers(600, LONG);
        tally.assertExactlyOneAnswerPerFrameInOrder();
        assertThat(heir.metrics().candidates()).isPositive();
      }
    }
    Map<Place, Frame> frames = frames(site);
    List<LabelCandidate> candidates = candidates(site);

    assertThat(places(candidates)).doesNotHaveDuplicates().hasSizeBetween(70, 180);
    for (LabelCandidate candidate : candidates) {
      Frame frame = Objects.requireNonNull(frames.get(place(candidate)));
      assertThat(candidate.getImage()).isEqualTo(frame.getImage());
      assertThat(candidate.getCameraId()).isEqualTo(frame.getCameraId());
      assertThat(candidate.getCaptureTimeMicros()).isEqualTo(frame.getCaptureTimeMicros());
      assertThat(candidate.getReason()).isEqualTo(CandidateReason.RANDOM);
      assertThat(candidate.getDetections()).hasSize(1);
      assertThat(candidate.getModelVersion()).isEqualTo(ScriptedDetector.VERSION);
    }

    // Another group sees every frame again.
    try (ScriptedDetector again =
        new ScriptedDetector(site.config(MINING + "group = \"again\"\n"))) {
      await().atMost(LONG).until(() -> again.metrics().answered() == 600);
    }
    Map<Place, Long> times =
        places(candidates(site)).stream()
            .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    assertThat(times.keySet()).hasSameElementsAs(places(candidates));
    assertThat(times.values()).containsOnly(2L);
  }

  @Test
  void miningChangesNoAnswerAndFindsWhereTheModelIsUncertain() throws Exception {
    Path street = folder.resolve("street");
    int status =
        Main.commandLine().execute("synthesize", "--out", street.toString(), "--count", "8");
    assertThat(status).isZero();
    List<Path> pictures;
    try (var files = Files.list(street.resolve("images"))) {
      pictures = files.sorted().toList();
    }
    Map<String, List<List<Detection>>> answers = new HashMap<>();
    for (String mining : List.of("mining.enabled = false\n", MINING)) {
      DetectorSite site = site(mining.equals(MINING) ? "mined" : "plain");
      try (TestFrames frames = new TestFrames(site.kafka(), 640, 360, n -> bytes(pictures, n));
          DetectionsTally tally = new DetectionsTally(site.kafka());
          var detector =
              dev.fovea.detector.Main.start(
                  config(
                      site.config(
                          mining
                              + "mining.uncertain-margin = 0.4\nmodel.dir = \""
                              + MODEL
                              + "\"\n")))) {
        frames.send(FRAMES, "gate");
        tally.awaitAnswers(FRAMES, LONG);
        answers.put(mining, tally.answers().stream().map(a -> a.answer().getDetections()).toList());
        // Counted once they are committed, and so a moment after they can be read.
        await().atMost(LONG).until(() -> detector.metrics().answered() == FRAMES);
      }
      if (mining.equals(MINING)) {
        assertThat(candidates(site))
            .extracting(LabelCandidate::getReason)
            .contains(CandidateReason.UNCERTAIN);
        assertThat(candidates(site))
            .as("objects in doubt are counted, not only the one nearest to the threshold")
            .anyMatch(c -> c.getReason() == CandidateReason.UNCERTAIN && c.getScore() > 1);
      }
    }
    assertThat(answers.get(MINING)).isEqualTo(answers.get("mining.enabled = false\n"));
    assertThat(answers.get(MINING)).anyMatch(found -> !found.isEmpty());
  }

  private static byte[] bytes(List<Path> pictures, long number) {
    try {
      return Files.readAllBytes(pictures.get((int) ((number - 1) % pictures.size())));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static DetectorConfig config(String hocon) {
    return DetectorConfig.from(
        StrictConfig.load(DetectorConfig.class, ConfigFactory.parseString(hocon)));
  }

  private static DetectorSite site(String name) throws Exception {
    DetectorSite site = DetectorSite.create(broker, name, folder);
    try (Admin admin = Admin.create(site.kafka().adminProperties("test", Map.of()))) {
      new TopicCreator(admin, site.kafka())
          .ensure(List.of(new Topics(site.kafka()).labelCandidates()));
    }
    return site;
  }

  private static Place place(LabelCandidate candidate) {
    return new Place(candidate.getFramePartition(), candidate.getFrameOffset());
  }

  private static List<Place> places(List<LabelCandidate> candidates) {
    return candidates.stream().map(MiningIT::place).toList();
  }

  private static List<LabelCandidate> candidates(DetectorSite site) {
    List<LabelCandidate> candidates = new ArrayList<>();
    read(site, new Topics(site.kafka()).labelCandidates(), (p, o, value) -> candidates.add(value));
    return candidates;
  }

  private static Map<Place, Frame> frames(DetectorSite site) {
    Map<Place, Frame> frames = new HashMap<>();
    read(
        site,
        new Topics(site.kafka()).frames(),
        (partition, offset, frame) -> frames.put(new Place(partition, offset), frame));
    return frames;
  }

  private interface Seen<T> {
    void value(int partition, long offset, T value);
  }

  /** Everything committed on a topic. */
  private static <T extends SpecificRecord> void read(
      DetectorSite site, Topic<String, T> topic, Seen<T> seen) {
    try (var consumer =
        new KafkaConsumer<>(
            site.kafka()
                .consumerProperties(
                    "test-read",
                    Map.of("isolation.level", "read_committed", "auto.offset.reset", "earliest")),
            new StringDeserializer(),
            topic.valueSerde().deserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic.name()).stream()
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList();
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        consumer
            .poll(Duration.ofMillis(100))
            .forEach(r -> seen.value(r.partition(), r.offset(), r.value()));
      }
    }
  }
}
