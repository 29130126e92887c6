package dev.fovea.trainer.round;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.fovea.detector.model.ReleaseFolder;
import dev.fovea.trainer.TinyRun;
import dev.fovea.trainer.TrainSettings;
import dev.fovea.trainer.labels.LabelVersion;
import dev.fovea.trainer.round.RoundRunner.DataVersions;
import dev.fovea.trainer.round.RoundState.Phase;
import dev.fovea.trainer.store.LiveRelease;
import dev.fovea.trainer.store.StoredRelease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rounds as they are, with a network that trains in seconds. */
class RoundTest {
  @TempDir Path folder;

  @BeforeAll
  static void engine() {
    // On a machine that has other work, threads that wait for each other take longer than one.
    System.setProperty("ai.djl.pytorch.num_threads", "1");
    TinyRun.quietEngine();
  }

  /** One story, since a good model takes the longest to come by. */
  @Test
  void aGoodRoundIsPromotedAndOneOfShuffledLabelsIsHeldBack() throws Exception {
    RoundBench bench =
        new RoundBench(folder)
            .eightBits()
            .set("schedule.evaluate-every", "20")
            .set("schedule.patience", "1");
    LabelVersion good = TinyLabels.write(folder.resolve("good"), 60, 30);
    RoundState first = runOnce(bench.runner(good), good);
    TrainSettings used =
        TrainSettings.from(
            ConfigFactory.parseFile(bench.rounds.folder(1).resolve("recipe.conf").toFile()));
    assertThat(used.schedule().patience()).as("the hold-out chooses no weights").isZero();

    assertThat(first.phase()).as("%s", first.outcome()).isEqualTo(Phase.PROMOTED);
    assertThat(first.startedFrom()).contains("from scratch, since no model is live");
    LiveRelease live = bench.live.live().orElseThrow();
    ReleaseFolder release = ReleaseFolder.open(Path.of(live.uri()), live.manifestSha256());
    assertThat(release.manifest().version()).startsWith("r0001-");
    assertThat(release.manifest().metrics()).containsKeys("AP", "AP50/red");
    assertThat(release.manifest().provenance())
        .containsEntry("round", "1")
        .containsEntry("labels", "1")
        .hasEntrySatisfying("quantization", how -> assertThat(how).contains("8 pictures"));
    assertThat(release.folder())
        .isDirectoryContaining("glob:**checkpoint.bin")
        .isDirectoryContaining("glob:**report.html")
        .isDirectoryContaining("glob:**round.json");

    LabelVersion bad = TinyLabels.write(folder.resolve("bad"), 60, 30, true);
    RoundState second = runOnce(bench.fineTune(80, 4e-3).runner(bad), bad);

    assertThat(second.phase()).isEqualTo(Phase.REFUSED);
    assertThat(second.startedFrom()).contains("from the weights of release r0001-");
    assertThat(second.outcome().orElseThrow()).contains("The gate held it back");
    assertThat(bench.live.live()).as("what is live").contains(live);
    assertThat(bench.store.list())
        .as("the refused candidate is kept too")
        .extracting(StoredRelease::version)
        .hasSize(2);

    // As if the first had been measured against nothing, and another had gone live meanwhile.
    bench.live.promote(ReleaseFolder.open(Path.of("../models/street-synthetic")), "somewhere else");
    first.enter(Phase.STORING);
    bench.runner(good).attempt(first);
    assertThat(first.phase()).isEqualTo(Phase.REFUSED);
    assertThat(first.outcome().orElseThrow()).contains("went live meanwhile");
    assertThat(bench.live.live().orElseThrow().uri()).isEqualTo("somewhere else");
  }

  @Test
  void badLabelsAreSaidTriedAgainAndCuredByLaterOnes() throws Exception {
    RoundBench bench = new RoundBench(folder).set("schedule.steps", "20");
    LabelVersion good = TinyLabels.write(folder.resolve("good"), 20, 12);
    LabelVersion bad = TinyLabels.write(folder.resolve("bad"), 20, 12);
    Files.writeString(bad.trainJson(), "{\"images\": 5");
    AtomicInteger asked = new AtomicInteger();
    RoundRunner runner =
        bench.runner(
            new DataVersions() {
              @Override
              public LabelVersion version(String id) {
                return asked.getAndIncrement() < 2 ? bad : good;
              }

              @Override
              public Optional<LabelVersion> latest() {
                return Optional.of(good);
              }
            });
    RoundState state = runner.begin(bad);

    runner.attempt(state);

    assertThat(state.isOver()).isFalse();
    assertThat(state.failure().orElseThrow()).contains("train.json").contains("is not JSON");
    assertThat(state.retryAt()).isPresent();
    assertThat(runner.open().orElseThrow().failure()).as("on disk").isEqualTo(state.failure());
    runner.attempt(state);
    assertThat(state.attempts()).isEqualTo(2);
    runner.attempt(state);
    assertThat(state.isOver()).isTrue();
    assertThat(state.failure()).isEmpty();
  }

  @Test
  void aRoundThatNeverGetsFurtherIsGivenUpAndLeavesTheLiveModel() throws Exception {
    RoundBench bench = new RoundBench(folder);
    LabelVersion bad = TinyLabels.write(folder.resolve("bad"), 4, 12);
    Files.delete(bad.images().resolve("1.jpg"));
    RoundRunner runner = bench.runner(bad);
    RoundState state = runner.begin(bad);

    int attempts = 0;
    while (!state.isOver()) {
      runner.attempt(state);
      attempts++;
    }

    assertThat(attempts).isEqualTo(3);
    assertThat(state.phase()).isEqualTo(Phase.GIVEN_UP);
    assertThat(state.outcome().orElseThrow()).contains("1.jpg");
    assertThat(bench.live.live()).isEmpty();
    assertThat(runner.open()).isEmpty();
  }

  @Test
  void trainingThatDivergesStartsAgainMoreSlowly() throws Exception {
    RoundBench bench =
        new RoundBench(folder)
            .set("optimizer.learning-rate", "1e30")
            .set("optimizer.warm-up-steps", "0");
    LabelVersion labels = TinyLabels.write(folder.resolve("good"), 8, 12);
    RoundRunner runner = bench.runner(labels);
    RoundState state = runner.begin(labels);

    runner.attempt(state);

    assertThat(state.failure().orElseThrow()).contains("no longer a number");
    assertThat(state.learningRateFactor()).isEqualTo(0.5);
    runner.attempt(state);
    assertThat(state.learningRateFactor()).isEqualTo(0.25);
  }

  /** As when the disk is full: the store cannot be written. */
  @Test
  void aStoreThatCannotBeWrittenCostsNoTraining() throws Exception {
    RoundBench bench = new RoundBench(folder).set("schedule.steps", "20");
    LabelVersion labels = TinyLabels.write(folder.resolve("good"), 20, 12);
    Path shelf = folder.resolve("store");
    Files.writeString(shelf, "in the way");
    RoundRunner runner = bench.runner(labels);
    RoundState state = runner.begin(labels);

    runner.attempt(state);

    assertThat(state.phase()).isEqualTo(Phase.STORING);
    assertThat(state.failure()).isPresent();
    long trained =
        Files.getLastModifiedTime(
                bench.rounds.folder(1).resolve("training").resolve("checkpoint.bin"))
            .toMillis();
    Files.delete(shelf);
    runner.attempt(state);
    assertThat(state.isOver()).as("%s", state.failure()).isTrue();
    assertThat(
            Files.getLastModifiedTime(
                    bench.rounds.folder(1).resolve("training").resolve("checkpoint.bin"))
                .toMillis())
        .isEqualTo(trained);
  }

  @Test
  void aStoppedRoundGoesOnWhereItWas() throws Exception {
    AtomicInteger looks = new AtomicInteger();
    RoundBench bench =
        new RoundBench(folder)
            .set("schedule.steps", "45")
            .stopWhen(() -> looks.incrementAndGet() == 30);
    LabelVersion labels = TinyLabels.write(folder.resolve("good"), 20, 12);
    RoundRunner runner = bench.runner(labels);
    RoundState state = runner.begin(labels);

    assertThat(runner.attempt(state)).as("stopped").isTrue();
    assertThat(state.phase()).isEqualTo(Phase.TRAINING);
    assertThat(state.attempts()).isZero();

    RoundState found = runner.open().orElseThrow();
    runner.attempt(found);
    assertThat(found.isOver()).as("%s", found.failure()).isTrue();
    assertThat(
            Files.readAllLines(bench.rounds.folder(1).resolve(Progress.FILE)).stream()
                .filter(line -> line.contains("\"step\":5,")))
        .as("the first steps are not done again")
        .hasSize(1);
  }

  private static RoundState runOnce(RoundRunner runner, LabelVersion labels)
      throws IOException, InterruptedException {
    RoundState state = runner.begin(labels);
    runner.attempt(state);
    assertThat(state.failure()).isEmpty();
    assertThat(state.verdict()).isPresent();
    assertThat(Map.of("over", state.isOver())).containsEntry("over", true);
    return state;
  }
}
