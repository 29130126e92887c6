package dev.fovea.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.detector.engine.EngineSettings;
import dev.fovea.detector.engine.LoadedModel;
import dev.fovea.ingest.Main;
import dev.fovea.ingest.source.FrameSource;
import dev.fovea.ingest.source.FrameSources;
import dev.fovea.ingest.source.SourceOptions;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.TopicCreator;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.FrameLedger;
import dev.fovea.schema.avro.LabelledBox;
import dev.fovea.schema.avro.Outcome;
import dev.fovea.standalone.detect.OfflineDetection;
import dev.fovea.trainer.data.CocoDataset;
import dev.fovea.trainer.data.LabelledPicture;
import dev.fovea.trainer.evaluate.CocoEvaluator;
import dev.fovea.trainer.evaluate.ScoredBox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A drawn camera, the bundled model, a real broker, and a detector that is killed on the way. */
class EndToEndIT {
  private static final String SOURCE = "synthetic:?seed=5&night=false&frames=300";
  private static final int FRAMES = 300;
  private static final Path MODEL = Path.of("../models/street-synthetic").toAbsolutePath();
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path folder;

  @Test
  void everyFrameIsAnsweredOnceAsWellAsOfflineThoughTheDetectorIsKilled() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("kafka"))) {
      KafkaSettings kafka =
          new KafkaSettings(
              "fovea.",
              3,
              (short) -1,
              Optional.empty(),
              Map.of("bootstrap.servers", broker.bootstrapServers()));
      Topics topics = new Topics(kafka);
      try (Admin admin = Admin.create(kafka.clientProperties(Map.of()))) {
        new TopicCreator(admin, kafka)
            .ensure(List.of(topics.frames(), topics.detections(), topics.deadLetters()));
      }
      try (Main ingest = Main.start(IngestProcess.config(ingestConfig(broker)));
          DetectionsTally tally = new DetectionsTally(kafka)) {
        Process first = startDetector(broker, "first.log");
        tally.awaitAnswers(60, PATIENCE);
        first.destroyForcibly().waitFor();
        Process second = startDetector(broker, "second.log");
        try {
          tally.awaitAnswers(FRAMES, PATIENCE);
        } finally {
          second.destroyForcibly().waitFor();
        }
        Awaitility.await().atMost(PATIENCE).until(ingest::allEnded);
        tally.assertExactlyOneAnswerPerFrameInOrder();
        assertLedgerBalances(tally);
        double live = liveAp50(tally);
        double offline = offlineAp50();
        System.out.printf("AP50 through the whole path %.4f, offline %.4f%n", live, offline);
        assertThat(live).isCloseTo(offline, within(0.02));
        assertThat(offline).isGreaterThan(0.8);
      }
    }
  }

  private static void assertLedgerBalances(DetectionsTally tally) {
    List<Frame> frames = List.copyOf(tally.readFrames().values());
    FrameLedger ledger = frames.get(frames.size() - 1).getLedger();
    long dropped = ledger.getDropped().values().stream().mapToLong(Long::longValue).sum();
    assertThat(ledger.getDecoded())
        .isEqualTo(ledger.getSampledOut() + dropped + ledger.getPublished());
    assertThat(ledger.getPublished()).isEqualTo(FRAMES).isEqualTo(tally.answers().size());
    assertThat(tally.answers()).allMatch(a -> a.answer().getOutcome() == Outcome.DETECTED);
  }

  private static double liveAp50(DetectionsTally tally) {
    List<List<LabelledBox>> truth = new ArrayList<>();
    tally.readFrames().values().forEach(frame -> truth.add(frame.getTruth()));
    List<ScoredBox> found = new ArrayList<>();
    for (var answered : tally.answers()) {
      long id = answered.answer().getFrameNumber() - 1;
      answered
          .answer()
          .getDetections()
          .forEach(
              d ->
                  found.add(
                      box(
                          id,
                          d.getLabel(),
                          d.getX1(),
                          d.getY1(),
                          d.getX2(),
                          d.getY2(),
                          d.getScore())));
    }
    return ap50(truth, found);
  }

  private static double offlineAp50() throws Exception {
    List<List<LabelledBox>> truth = new ArrayList<>();
    List<ScoredBox> found = new ArrayList<>();
    try (LoadedModel model = LoadedModel.load(MODEL, EngineSettings.cpu(2, 1));
        FrameSource source = FrameSources.open(SOURCE, SourceOptions.offline())) {
      new OfflineDetection(model, model.manifest().decoding())
          .run(
              source,
              answer -> {
                truth.add(answer.truth());
                answer
                    .detections()
                    .detections()
                    .forEach(
                        d ->
                            found.add(
                                box(
                                    answer.index(),
                                    d.label(),
                                    d.x1(),
                                    d.y1(),
                                    d.x2(),
                                    d.y2(),
                                    d.score())));
              });
    }
    return ap50(truth, found);
  }

  private static final List<String> CLASSES = List.of("car", "person", "bicycle");

  private static ScoredBox box(
      long id, String label, double x1, double y1, double x2, double y2, double score) {
    return new ScoredBox(id, CLASSES.indexOf(label), x1, y1, x2 - x1, y2 - y1, score);
  }

  private static double ap50(List<List<LabelledBox>> truth, List<ScoredBox> found) {
    List<LabelledPicture> pictures = new ArrayList<>();
    for (int id = 0; id < truth.size(); id++) {
      List<LabelledPicture.Annotation> boxes = new ArrayList<>();
      for (LabelledBox b : truth.get(id)) {
        double width = b.getX2() - b.getX1();
        double height = b.getY2() - b.getY1();
        boxes.add(
            new LabelledPicture.Annotation(
                id * 1_000L + boxes.size() + 1,
                CLASSES.indexOf(b.getLabel()),
                b.getX1(),
                b.getY1(),
                width,
                height,
                width * height,
                /* crowd= */ false));
      }
      pictures.add(new LabelledPicture(id, Path.of(id + ".jpg"), 640, 360, boxes, Set.of()));
    }
    CocoDataset data =
        new CocoDataset(Path.of("truth.json"), CLASSES, List.of(1L, 2L, 3L), pictures);
    return new CocoEvaluator(data).evaluate(found).ap50();
  }

  private static String ingestConfig(EmbeddedBroker broker) {
    return """
        kafka { bootstrap.servers = "%s", partitions = 3 }
        cameras { street { source = "%s", pace = fast } }
        """
        .formatted(broker.bootstrapServers(), SOURCE);
  }

  private Process startDetector(EmbeddedBroker broker, String log) throws Exception {
    Path config = folder.resolve("detector.conf");
    Files.writeString(
        config,
        """
        kafka { bootstrap.servers = "%s", partitions = 3 }
        instance-id = worker
        model.dir = "%s"
        """
            .formatted(broker.bootstrapServers(), MODEL));
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx512m",
            "-cp",
            System.getProperty("java.class.path"),
            dev.fovea.standalone.Main.class.getName(),
            "detector",
            "--config",
            config.toString())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve(log).toFile())
        .start();
  }
}
