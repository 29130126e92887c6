package dev.fovea.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.fovea.detector.engine.EngineSettings;
import dev.fovea.detector.engine.LoadedModel;
import dev.fovea.trainer.TinyRun;
import dev.fovea.trainer.TrainSettings;
import dev.fovea.trainer.data.CocoDataset;
import dev.fovea.trainer.data.Normaliser;
import dev.fovea.trainer.evaluate.RawGraph;
import dev.fovea.trainer.export.Exporter;
import dev.fovea.trainer.export.ReleaseSummary;
import dev.fovea.trainer.model.GraphBlock;
import dev.fovea.trainer.model.NetworkGraph;
import dev.fovea.trainer.model.RetinaNet;
import dev.fovea.trainer.quantize.Quantizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainerTest {
  @TempDir Path folder;

  @BeforeAll
  static void engine() {
    TinyRun.quietEngine();
  }

  @Test
  void lossFallsAndTheReleaseIsServedByTheDetector() throws Exception {
    TrainData data = data();
    List<Double> losses = new ArrayList<>();
    ReleaseSummary release =
        Trainer.run(
            TinyRun.settings(Map.of()),
            data,
            folder.resolve("out"),
            "tiny",
            false,
            StartWeights.NONE,
            new ProgressListener() {
              @Override
              public void stepped(Step step) {
                losses.add(step.classLoss() + step.boxLoss());
              }
            });
    assertThat(losses).hasSize(30);
    assertThat(mean(losses.subList(25, 30))).isLessThan(0.8 * mean(losses.subList(0, 5)));
    assertThat(release.largestDifference()).isLessThan(Exporter.LARGEST_DIFFERENCE);
    assertThat(release.manifest().metrics()).containsKeys("AP", "AP50", "AP50/red");
    assertThat(release.manifest().provenance()).containsKeys("trainedOn", "settings", "seed");
    try (LoadedModel model = LoadedModel.load(folder.resolve("out"), EngineSettings.cpu(1, 2))) {
      assertThat(model.manifest().classes()).containsExactly("red", "blue");
      byte[] jpeg = Files.readAllBytes(data.train().pictures().get(2).file());
      assertThat(model.detect(List.of(jpeg, jpeg))).hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cross-entropy", "balanced-cross-entropy", "ohem"})
  void thePapersBaselinesLearnToo(String classes) throws Exception {
    List<Double> losses = new ArrayList<>();
    ProgressListener listener =
        new ProgressListener() {
          @Override
          public void stepped(Step step) {
            losses.add(step.classLoss());
          }
        };
    TrainSettings settings =
        TinyRun.settings(Map.of("loss.classes", classes, "optimizer.learning-rate", "0.01"));
    try (Trainer trainer = new Trainer(settings, data(), listener, null, StartWeights.NONE)) {
      trainer.train(folder.resolve("run.bin"));
    }
    assertThat(mean(losses.subList(25, 30))).isLessThan(0.8 * mean(losses.subList(0, 5)));
  }

  @Test
  void thePriorIsWhatTheClassHeadStartsFromAndHalfIsNoBias() throws Exception {
    for (double prior : new double[] {0.01, 0.5}) {
      TrainSettings settings = TinyRun.settings(Map.of("network.prior", String.valueOf(prior)));
      try (Trainer trainer =
          new Trainer(settings, data(), ProgressListener.SILENT, null, StartWeights.NONE)) {
        float[] biases =
            trainer.checkpoint().weights().getOrDefault("class.last.bias", new float[0]);
        assertThat(biases).isNotEmpty();
        for (float bias : biases) {
          assertThat(1 / (1 + Math.exp(-bias))).isCloseTo(prior, within(1e-6));
        }
      }
    }
  }

  /** With each optimizer, and everything that draws or keeps something on. */
  @ParameterizedTest
  @ValueSource(strings = {"adamw", "sgd"})
  void aResumedRunEndsWhereAnUnbrokenOneDoes(String optimizer) throws Exception {
    TrainSettings settings =
        TinyRun.settings(
            Map.of(
                "schedule.steps", "8",
                "schedule.evaluate-every", "3",
                "schedule.patience", "9",
                "optimizer.kind", optimizer,
                "optimizer.schedule", "step",
                "augmentation.mosaic", "0.5",
                "augmentation.scale-min", "0.4",
                "augmentation.scale-max", "2",
                "input.multi-scale", "[0.5, 1, 1.5]"));
    TrainData data = data();
    Path half = folder.resolve("half.bin");
    Checkpoint unbroken;
    try (Trainer trainer =
        new Trainer(settings, data, ProgressListener.SILENT, null, StartWeights.NONE)) {
      unbroken = trainer.train(folder.resolve("whole.bin"));
    }
    try (Trainer trainer = new Trainer(settings, data, stopAfter(4), null, StartWeights.NONE)) {
      assertThatThrownBy(() -> trainer.train(half))
          .isInstanceOf(TrainingStopped.class)
          .hasMessage("stopped after step 4 of 8");
    }
    Checkpoint read = Checkpoint.read(half);
    assertThat(read.step()).isEqualTo(4);
    assertThat(read.best()).isPresent();
    assertThat(read.moments().keySet())
        .anyMatch(name -> name.startsWith(optimizer.equals("sgd") ? "velocity/" : "variance/"));
    try (Trainer trainer =
        new Trainer(settings, data, ProgressListener.SILENT, read, StartWeights.NONE)) {
      Checkpoint resumed = trainer.train(half);
      assertThat(resumed.step()).isEqualTo(8);
      assertThat(resumed.figures()).isEqualTo(unbroken.figures());
      assertSame(resumed.weights(), unbroken.weights());
      assertSame(resumed.average(), unbroken.average());
      assertSame(resumed.released(), unbroken.released());
      assertSame(resumed.moments(), unbroken.moments());
    }
  }

  @Test
  void aStopDuringAnEvaluationCostsOneStep() throws Exception {
    TrainSettings settings =
        TinyRun.settings(Map.of("schedule.evaluate-every", "3", "schedule.checkpoint-every", "99"));
    Path file = folder.resolve("stopped.bin");
    ProgressListener impatient =
        new ProgressListener() {
          @Override
          public void evaluating(int pictures, int of) {
            throw new TrainingStopped("enough");
          }
        };
    try (Trainer trainer = new Trainer(settings, data(), impatient, null, StartWeights.NONE)) {
      assertThatThrownBy(() -> trainer.train(file)).hasMessage("enough");
    }
    assertThat(Checkpoint.read(file).step()).isEqualTo(2);
  }

  /** With a rate too low to move anything, no evaluation is better than the first. */
  @Test
  void theRunStopsWhenNothingGetsBetterAndReleasesTheBest() throws Exception {
    TrainSettings settings =
        TinyRun.settings(
            Map.of(
                "schedule.evaluate-every", "2",
                "schedule.patience", "2",
                "optimizer.learning-rate", "1e-12"));
    List<Integer> stops = new ArrayList<>();
    ProgressListener listener =
        new ProgressListener() {
          @Override
          public void stoppedEarly(int step, int bestStep, double bestAp) {
            stops.addAll(List.of(step, bestStep));
          }
        };
    Path file = folder.resolve("stopped.bin");
    TrainData data = data();
    try (Trainer trainer = new Trainer(settings, data, listener, null, StartWeights.NONE)) {
      trainer.train(file);
    }
    assertThat(stops).containsExactly(6, 2);
    Checkpoint stopped = Checkpoint.read(file);
    assertThat(stopped.step()).isEqualTo(6);
    assertThat(stopped.best().orElseThrow().step()).isEqualTo(2);
    assertThat(stopped.released()).isSameAs(stopped.best().orElseThrow().average());
    // Resuming what has stopped does not go on.
    try (Trainer trainer = new Trainer(settings, data, stopAfter(7), stopped, StartWeights.NONE)) {
      assertThat(trainer.train(file).step()).isEqualTo(6);
    }
  }

  @Test
  void patienceNeedsPicturesToMeasureOn() throws Exception {
    TrainSettings settings =
        TinyRun.settings(Map.of("schedule.evaluate-every", "2", "schedule.patience", "2"));
    TrainData unmeasured = new TrainData(data().train(), Optional.empty());
    assertThatThrownBy(
            () ->
                new Trainer(settings, unmeasured, ProgressListener.SILENT, null, StartWeights.NONE))
        .hasMessageContaining("schedule.patience = 2");
  }

  @Test
  void frozenStagesAndStatisticsStayAndTheRestLearns() throws Exception {
    TrainSettings settings =
        TinyRun.settings(
            Map.of(
                "schedule.steps", "2",
                "network.frozen-stages", "2",
                "network.frozen-statistics", "true"));
    Map<String, float[]> before;
    Map<String, float[]> after;
    try (Trainer trainer =
        new Trainer(settings, data(), ProgressListener.SILENT, null, StartWeights.NONE)) {
      before = trainer.checkpoint().weights();
      after = trainer.train(folder.resolve("frozen.bin")).weights();
    }
    List<String> same =
        before.keySet().stream().filter(n -> Arrays.equals(before.get(n), after.get(n))).toList();
    assertThat(before.keySet())
        .allSatisfy(
            name -> {
              boolean frozen = name.startsWith("stem") || name.startsWith("stage2.");
              boolean statistic = name.endsWith(".mean") || name.endsWith(".variance");
              boolean backbone = frozen || name.startsWith("stage");
              assertThat(same.contains(name)).as(name).isEqualTo(frozen || (backbone && statistic));
            });
  }

  @Test
  void picturesWithoutObjectsTrain() throws Exception {
    CocoDataset empty = TinyRun.rectangles(folder.resolve("empty"), 1, 1);
    assertThat(empty.boxes()).isZero();
    TrainSettings settings =
        TinyRun.settings(Map.of("schedule.steps", "20", "augmentation.mosaic", "0.5"));
    List<Double> losses = new ArrayList<>();
    ProgressListener listener =
        new ProgressListener() {
          @Override
          public void stepped(Step step) {
            assertThat(step.boxLoss()).isZero();
            losses.add(step.classLoss());
          }
        };
    try (Trainer trainer =
        new Trainer(
            settings, new TrainData(empty, Optional.empty()), listener, null, StartWeights.NONE)) {
      trainer.train(folder.resolve("empty.bin"));
    }
    assertThat(losses.get(19)).isLessThan(losses.get(0)).isPositive();
  }

  @Test
  void resumingWithOtherSettingsNamesThem() throws Exception {
    TrainData data = data();
    Path out = Files.createDirectories(folder.resolve("out"));
    TrainSettings settings = TinyRun.settings(Map.of("schedule.steps", "2"));
    try (Trainer trainer =
        new Trainer(settings, data, ProgressListener.SILENT, null, StartWeights.NONE)) {
      trainer.checkpoint().write(out.resolve(Checkpoint.FILE_NAME));
    }
    TrainSettings other =
        TinyRun.settings(Map.of("schedule.steps", "2", "optimizer.learning-rate", "0.5"));
    assertThatThrownBy(
            () ->
                Trainer.run(
                    other, data, out, "x", true, StartWeights.NONE, ProgressListener.SILENT))
        .hasMessageContaining("[optimizer.learning-rate]");
  }

  @Test
  void aDamagedCheckpointIsNamed() throws Exception {
    Path file = folder.resolve("checkpoint.bin");
    assertThatThrownBy(() -> Checkpoint.read(file)).hasMessageContaining(file.toString());
    try (Trainer trainer =
        new Trainer(
            TinyRun.settings(Map.of()), data(), ProgressListener.SILENT, null, StartWeights.NONE)) {
      trainer.checkpoint().write(file);
    }
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    assertThatThrownBy(() -> Checkpoint.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("damaged");
    Files.write(file, java.util.Arrays.copyOf(bytes, 1000));
    assertThatThrownBy(() -> Checkpoint.read(file)).isInstanceOf(IOException.class);
  }

  /** Version 1 had no best evaluation: one byte less before the moments. */
  @Test
  void aCheckpointOfTheFirstVersionIsRead() throws Exception {
    Path file = folder.resolve("checkpoint.bin");
    Checkpoint written;
    try (Trainer trainer =
        new Trainer(
            TinyRun.settings(Map.of()), data(), ProgressListener.SILENT, null, StartWeights.NONE)) {
      written = trainer.checkpoint();
      written.write(file);
    }
    byte[] now = Files.readAllBytes(file);
    int tail = size(written.moments()) + Integer.BYTES + Long.BYTES;
    for (byte[] probe : written.probes()) {
      tail += Integer.BYTES + probe.length;
    }
    int at = now.length - tail - 1;
    ByteBuffer before = ByteBuffer.allocate(now.length - 1);
    before.put(now, 0, at).put(now, at + 1, tail);
    before.putInt(Long.BYTES, 1);
    CRC32 sum = new CRC32();
    sum.update(before.array(), 0, before.capacity() - Long.BYTES);
    before.putLong(before.capacity() - Long.BYTES, sum.getValue());
    Files.write(file, before.array());
    Checkpoint read = Checkpoint.read(file);
    assertThat(read.best()).isEmpty();
    assertSame(read.released(), written.average());
    assertSame(read.moments(), written.moments());
  }

  /** As it is in the file: a count, then name and values with their lengths. */
  private static int size(Map<String, float[]> arrays) {
    int size = Integer.BYTES;
    for (Map.Entry<String, float[]> entry : arrays.entrySet()) {
      size += Integer.BYTES + entry.getKey().length();
      size += Integer.BYTES + Float.BYTES * entry.getValue().length;
    }
    return size;
  }

  @Test
  void aNetworkTrainedOnCutsIsExportedForWholePictures() throws Exception {
    Path out = folder.resolve("whole");
    Checkpoint cuts = untrained(data());
    ReleaseSummary release =
        Exporter.export(cuts.forInput(160, 96), "whole", Optional.empty(), out);
    assertThat(release.largestDifference()).isLessThan(Exporter.LARGEST_DIFFERENCE);
    assertThat(release.manifest().inputWidthPx()).isEqualTo(160);
    assertThat(release.manifest().inputHeightPx()).isEqualTo(96);
    assertThat(release.manifest().metrics()).isEmpty();
    assertThat(cuts.forInput(64, 64).probes().get(0)).isEqualTo(cuts.probes().get(0));
    assertThatThrownBy(() -> cuts.forInput(100, 64)).hasMessageContaining("input.width = 100");
    byte[] jpeg = Files.readAllBytes(data().train().pictures().get(2).file());
    try (LoadedModel model = LoadedModel.load(out, EngineSettings.cpu(1, 1))) {
      assertThat(model.detect(List.of(jpeg))).hasSize(1);
    }
  }

  @Test
  void aReleaseIsGoneOnFromWithItsOwnAnswersAndItsStatisticsMeasuredAnew() throws Exception {
    TrainData data = data();
    Path release = folder.resolve("release");
    TrainSettings settings = TinyRun.settings(Map.of("schedule.steps", "12"));
    Trainer.run(settings, data, release, "tiny", false, StartWeights.NONE, ProgressListener.SILENT);
    Checkpoint trained = Checkpoint.read(release.resolve(Checkpoint.FILE_NAME));
    Files.delete(release.resolve(Checkpoint.FILE_NAME));
    try (Trainer trainer =
        new Trainer(settings, data, ProgressListener.SILENT, null, StartWeights.read(release))) {
      Checkpoint begun = trainer.checkpoint();
      assertThat(begun.weights().get("stage3.0.1.norm.variance"))
          .isNotNull()
          .doesNotContain(1f); // measured, not the identity's
      ReleaseSummary again =
          Exporter.export(begun, "again", Optional.empty(), folder.resolve("again"));
      assertThat(again.largestDifference()).isLessThan(Exporter.LARGEST_DIFFERENCE);
      assertSameAnswers(trained, begun);
    }
  }

  @Test
  void startingFromWhatHasNoWeightsSaysWhy() throws Exception {
    TrainData data = data();
    Path release = folder.resolve("release");
    Trainer.run(
        TinyRun.settings(Map.of("schedule.steps", "1")),
        data,
        release,
        "tiny",
        false,
        StartWeights.NONE,
        ProgressListener.SILENT);
    Path eightBit = folder.resolve("eight-bit");
    new Quantizer(4, 7).quantize(release, folder.resolve("train"), eightBit);
    assertThatThrownBy(() -> StartWeights.read(eightBit))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(eightBit.toString())
        .hasMessageContaining("8-bit");
    Path empty = Files.createDirectories(folder.resolve("empty"));
    assertThatThrownBy(() -> StartWeights.read(empty))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(empty.toString());
  }

  @Test
  void groupNormAndTheOtherChoicesExportTheSameNumbers() throws Exception {
    TrainSettings settings =
        TinyRun.settings(
            Map.of(
                "schedule.steps", "1",
                "network.depth", "50",
                "network.head-norm", "group",
                "network.p6-from", "p5",
                "loss.box", "giou"));
    ReleaseSummary release =
        Trainer.run(
            settings,
            data(),
            folder.resolve("out"),
            "tiny",
            false,
            StartWeights.NONE,
            ProgressListener.SILENT);
    assertThat(release.largestDifference()).isLessThan(Exporter.LARGEST_DIFFERENCE);
  }

  private static Checkpoint untrained(TrainData data) throws IOException {
    try (Trainer trainer =
        new Trainer(
            TinyRun.settings(Map.of()), data, ProgressListener.SILENT, null, StartWeights.NONE)) {
      return trainer.checkpoint();
    }
  }

  /** Both predict the same for the data's pictures, each as it would serve. */
  private static void assertSameAnswers(Checkpoint trained, Checkpoint begun) {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      NetworkGraph graph = RetinaNet.graph(trained.settings(), trained.classes().size());
      RawGraph before =
          new RawGraph(
              new GraphBlock(graph, manager, trained.average()),
              trained.settings().input(),
              manager);
      RawGraph after =
          new RawGraph(
              new GraphBlock(graph, manager, begun.weights()), begun.settings().input(), manager);
      for (byte[] probe : trained.probes()) {
        float[] image = new float[probe.length];
        new Normaliser(trained.settings().input()).write(probe, image, 0);
        NDList wanted = before.forward(manager, image, 1);
        NDList got = after.forward(manager, image, 1);
        for (int i = 0; i < wanted.size(); i++) {
          assertThat(got.get(i).toFloatArray())
              .containsExactly(wanted.get(i).toFloatArray(), within(1e-3f));
        }
      }
    }
  }

  private TrainData data() throws IOException {
    return new TrainData(
        TinyRun.rectangles(folder.resolve("train"), 12, 1),
        Optional.of(TinyRun.rectangles(folder.resolve("val"), 6, 2)));
  }

  private static ProgressListener stopAfter(int step) {
    return new ProgressListener() {
      private int done;

      @Override
      public void stepped(Step s) {
        done = s.step();
      }

      @Override
      public boolean isStopAsked() {
        return done >= step;
      }
    };
  }

  private static void assertSame(Map<String, float[]> actual, Map<String, float[]> expected) {
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    actual.forEach(
        (name, values) -> assertThat(values).as(name).containsExactly(expected.get(name)));
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }
}
