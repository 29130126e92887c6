package dev.fovea.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fovea.detector.model.ReleaseFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code fovea train} in a process of its own, told to stop, and gone on with. */
class TrainIT {
  private static final Duration LONG = Duration.ofMinutes(3);
  private static final int STEPS = 100;
  private static final int STATUS_OF_BROKEN_OFF = 130;

  @TempDir Path folder;

  @Test
  void aTrainingThatIsToldToStopSavesWhatItHasAndGoesOnFromThere() throws Exception {
    synthesize();
    Process first = train("first.log");
    try {
      await()
          .atMost(LONG)
          .failFast(() -> assertThat(first.isAlive()).as(log("first.log")).isTrue())
          .until(() -> log("first.log").contains("step 50 of"));
      first.destroy();
      assertThat(first.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).as("ended").isTrue();
    } finally {
      first.destroyForcibly();
    }
    assertThat(first.exitValue()).as(log("first.log")).isEqualTo(STATUS_OF_BROKEN_OFF);
    assertThat(log("first.log"))
        .contains("--resume goes on from the checkpoint")
        .doesNotContain("step " + STEPS + " of");

    Process second = train("second.log", "--resume");
    try {
      assertThat(second.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).as("ended").isTrue();
    } finally {
      second.destroyForcibly();
    }

    assertThat(second.exitValue()).as(log("second.log")).isZero();
    assertThat(log("second.log"))
        .as("the first steps are not done again")
        .doesNotContain("step 50 of")
        .contains("step " + STEPS + " of");
    assertThat(ReleaseFolder.open(folder.resolve("release")).manifest().classes()).isNotEmpty();
  }

  private void synthesize() {
    StringWriter said = new StringWriter();
    int status =
        Main.commandLine()
            .setOut(new PrintWriter(said))
            .setErr(new PrintWriter(said))
            .execute("synthesize", "--out", folder.resolve("street").toString(), "--count", "8");
    assertThat(status).as("%s", said).isZero();
  }

  private Process train(String log, String... more) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "train",
                "--data",
                folder.resolve("street/annotations.json").toString(),
                "--images",
                folder.resolve("street/images").toString(),
                "--out",
                folder.resolve("release").toString()));
    for (String setting :
        List.of(
            "input.width=64",
            "input.height=64",
            "network.width-factor=0.1",
            "network.pyramid-channels=16",
            "network.head-convolutions=1",
            "schedule.threads=1",
            "schedule.batch=2",
            "schedule.steps=" + STEPS,
            "schedule.evaluate-every=0",
            "schedule.checkpoint-every=1000",
            "optimizer.warm-up-steps=5")) {
      arguments.addAll(List.of("--set", setting));
    }
    arguments.addAll(List.of(more));
    return LauncherProcess.start(folder.resolve(log), arguments);
  }

  private String log(String name) throws IOException {
    return Files.readString(folder.resolve(name));
  }
}
