package dev.fovea.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fovea.schema.avro.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Exactly one answer a frame, in order, for a read-committed reader, whatever breaks meanwhile. */
class DetectorDeliveryIT {
  private static final String[] CAMERAS = {"gate", "lot", "yard", "dock"};
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir static Path folder;
  private static EmbeddedBroker broker;

  @BeforeAll
  static void startBroker() {
    broker = EmbeddedBroker.start(folder.resolve("broker"));
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @Test
  void aWorkerKilledTwiceAndStartedAgain(TestInfo test) throws Exception {
    DetectorSite site = site(test);
    String config = site.config("instance-id = w1");
    try (TestFrames frames = site.frames();
        DetectionsTally tally = new DetectionsTally(site.kafka())) {
      frames.send(200, CAMERAS);
      for (int answers : List.of(150, 400)) {
        Process worker = ScriptedDetector.startProcess(config, site.log());
        try {
          tally.awaitAnswers(answers, LONG);
        } finally {
          worker.destroyForcibly().waitFor();
        }
        frames.send(20, CAMERAS);
      }
      Process worker = ScriptedDetector.startProcess(config, site.log());
      try {
        tally.awaitAnswers(240L * CAMERAS.length, LONG);
      } finally {
        worker.destroyForcibly().waitFor();
      }
      assertDelivered(tally, 240L * CAMERAS.length);
    }
  }

  @Test
  void aSuspendedWorkerThatWakesUpAfterItsReplacementIsShutOut(TestInfo test) throws Exception {
    DetectorSite site = site(test);
    String config = site.config("instance-id = w1");
    try (TestFrames frames = site.frames();
        DetectionsTally tally = new DetectionsTally(site.kafka())) {
      frames.send(200, CAMERAS);
      Process zombie = ScriptedDetector.startProcess(config, site.log());
      try {
        tally.awaitAnswers(100, LONG);
        signal(zombie, "-STOP");
        try (ScriptedDetector replacement = new ScriptedDetector(config)) {
          tally.awaitAnswers(300, LONG);
          assertThat(replacement.metrics().answered()).isPositive();
          signal(zombie, "-CONT");
          assertThat(zombie.waitFor(30, TimeUnit.SECONDS)).as("the zombie ends").isTrue();
          assertThat(zombie.exitValue()).isEqualTo(1);
          frames.send(20, CAMERAS);
          tally.awaitAnswers(220L * CAMERAS.length, LONG);
        }
      } finally {
        zombie.destroyForcibly().waitFor();
      }
      assertDelivered(tally, 220L * CAMERAS.length);
    }
  }

  @Test
  void aWorkerThatStalledWithWorkInHandWhileAnotherTookOver(TestInfo test) throws Exception {
    DetectorSite site = site(test);
    String stalling =
        "kafka.max.poll.interval.ms = 2000, kafka.interceptor.classes = "
            + PausingInterceptor.class.getName();
    try (TestFrames frames = site.frames();
        DetectionsTally tally = new DetectionsTally(site.kafka());
        ScriptedDetector first = new ScriptedDetector(site.config(stalling))) {
      frames.send(100, CAMERAS);
      tally.awaitAnswers(50, LONG);
      assertThat(first.metrics().answered()).isPositive();
      var stalled = PausingInterceptor.pause();
      frames.send(100, CAMERAS);
      assertThat(stalled.await(30, TimeUnit.SECONDS)).isTrue();
      try (ScriptedDetector second = new ScriptedDetector(site.config(""))) {
        tally.awaitAnswers(200L * CAMERAS.length, LONG);
        assertThat(second.metrics().answered()).isPositive();
        PausingInterceptor.resume();
        frames.send(50, CAMERAS);
        tally.awaitAnswers(250L * CAMERAS.length, LONG);
      } finally {
        PausingInterceptor.resume();
      }
    }
    try (DetectionsTally tally = new DetectionsTally(site.kafka())) {
      assertDelivered(tally, 250L * CAMERAS.length);
    }
  }

  @Test
  void workersThatComeAndGo(TestInfo test) throws Exception {
    DetectorSite site = site(test);
    try (TestFrames frames = site.frames();
        DetectionsTally tally = new DetectionsTally(site.kafka());
        ScriptedDetector stays = new ScriptedDetector(site.config(""))) {
      frames.send(100, CAMERAS);
      tally.awaitAnswers(50, LONG);
      try (ScriptedDetector guest = new ScriptedDetector(site.config(""))) {
        frames.send(100, CAMERAS);
        await().atMost(LONG).until(() -> guest.metrics().answered() > 0);
      }
      frames.send(50, CAMERAS);
      tally.awaitAnswers(250L * CAMERAS.length, LONG);
      assertThat(stays.metrics().answered()).isPositive();
    }
    try (DetectionsTally tally = new DetectionsTally(site.kafka())) {
      assertDelivered(tally, 250L * CAMERAS.length);
    }
  }

  @Test
  void aBrokerThatIsRestarted(TestInfo test) throws Exception {
    DetectorSite site = site(test);
    try (TestFrames frames = site.frames();
        DetectionsTally tally = new DetectionsTally(site.kafka());
        ScriptedDetector detector = new ScriptedDetector(site.config(""))) {
      frames.send(300, CAMERAS);
      tally.awaitAnswers(100, LONG);
      broker.close();
      broker = EmbeddedBroker.start(folder.resolve("broker"), broker.port());
      frames.send(50, CAMERAS);
      tally.awaitAnswers(350L * CAMERAS.length, LONG);
      assertThat(detector.metrics().answered()).isGreaterThanOrEqualTo(100);
    }
    try (DetectionsTally tally = new DetectionsTally(site.kafka())) {
      assertDelivered(tally, 350L * CAMERAS.length);
    }
  }

  private static void assertDelivered(DetectionsTally tally, long frames) {
    tally.assertExactlyOneAnswerPerFrameInOrder();
    assertThat(tally.answers()).hasSize(Math.toIntExact(frames));
    assertThat(tally.answers())
        .allSatisfy(
            answered -> {
              assertThat(answered.answer().getOutcome()).isEqualTo(Outcome.DETECTED);
              assertThat(answered.answer().getDetections())
                  .as("found in the picture of this very frame")
                  .singleElement()
                  .satisfies(
                      box ->
                          assertThat((long) box.getX1())
                              .isEqualTo(answered.answer().getFrameNumber()));
            });
  }

  private static void signal(Process process, String signal) throws Exception {
    int status = new ProcessBuilder("kill", signal, Long.toString(process.pid())).start().waitFor();
    assertThat(status).isZero();
  }

  private static DetectorSite site(TestInfo test) throws InterruptedException {
    return DetectorSite.create(broker, test.getTestMethod().orElseThrow().getName(), folder);
  }
}
