package dev.fovea.trainer.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fovea.trainer.labels.LabelVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A round in a process of its own that is killed, as by kill -9, and started again. */
class RoundKilledTest {
  private static final Duration LONG = Duration.ofMinutes(3);

  @TempDir Path folder;

  /** Runs the round that is open, or begins one. */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    LabelVersion labels = TinyLabels.write(folder.resolve("labels"), 20, 12);
    RoundRunner runner = new RoundBench(folder).set("schedule.steps", "70").runner(labels);
    RoundState state = runner.open().isPresent() ? runner.open().get() : runner.begin(labels);
    runner.attempt(state);
  }

  @Test
  void aRoundThatWasKilledGoesOnFromItsCheckpoint() throws Exception {
    RoundFolders rounds = new RoundFolders(folder.resolve("rounds"));
    Process first = start();
    try {
      await()
          .atMost(LONG)
          .pollInterval(Duration.ofMillis(50))
          .failFast("it ended by itself", () -> !first.isAlive())
          .until(() -> progress().contains("\"step\":25,"));
    } finally {
      first.destroyForcibly().waitFor();
    }
    assertThat(rounds.last().orElseThrow().phase()).isEqualTo(RoundState.Phase.TRAINING);

    Process second = start();
    try {
      assertThat(second.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).as("ended").isTrue();
    } finally {
      second.destroyForcibly();
    }

    RoundState state = rounds.last().orElseThrow();
    assertThat(state.isOver()).as("%s", Files.readString(folder.resolve("log"))).isTrue();
    assertThat(state.number()).isEqualTo(1);
    assertThat(progress().lines().filter(line -> line.contains("\"step\":5,")))
        .as("the first steps are not done again")
        .hasSize(1);
    assertThat(Progress.read(rounds.folder(1)).losses()).hasSize(70);
  }

  private String progress() throws IOException {
    Path file = folder.resolve("rounds/0001/" + Progress.FILE);
    return Files.exists(file) ? Files.readString(file) : "";
  }

  private Process start() throws IOException {
    ProcessBuilder process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-DOPT_OUT_TRACKING=true",
                    "-Dai.djl.pytorch.num_threads=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    RoundKilledTest.class.getName(),
                    folder.toString()))
            .redirectErrorStream(true);
    process.environment().put("OMP_NUM_THREADS", "1");
    return process
        .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
        .start();
  }
}
