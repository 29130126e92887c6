package dev.fovea.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fovea.schema.avro.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.GroupType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a group starts, how its workers share under Kafka's new protocol, and what it skips. */
class DetectorGroupIT {
  private static final String[] CAMERAS = {"gate", "lot", "yard", "dock"};
  private static final Duration LONG = Duration.ofSeconds(90);

  @TempDir static Path folder;
  private static EmbeddedBroker broker;

  @BeforeAll
  static void startBroker() {
    broker =
        EmbeddedBroker.start(
            folder.resolve("broker"),
            0,
            Map.of(
                "group.consumer.session.timeout.ms", "6000",
                "group.consumer.min.session.timeout.ms", "5000",
                "group.consumer.heartbeat.interval.ms", "500",
                "group.consumer.min.heartbeat.interval.ms", "500"));
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @Test
  void startFromLatestSkipsWhatWasThereAndKeepsThatPlaceThroughAKill() throws Exception {
    DetectorSite site = DetectorSite.create(broker, "latest", folder);
    String config = site.config("start-from = latest, instance-id = w1");
    try (TestFrames frames = site.frames();
        DetectionsTally tally = new DetectionsTally(site.kafka());
        Admin admin = Admin.create(site.kafka().adminProperties("test", Map.of()))) {
      frames.send(50, CAMERAS);
      // Killed before it has answered anything: what comes while it is away is still its own.
      Process worker = ScriptedDetector.startProcess(config, site.log());
      try {
        await()
            .atMost(LONG)
            .failFast(() -> !worker.isAlive())
            .until(() -> places(admin, site) == 3);
      } finally {
        worker.destroyForcibly().waitFor();
      }
      frames.send(10, CAMERAS);
      try (ScriptedDetector again = new ScriptedDetector(config)) {
        frames.send(20, CAMERAS);
        tally.awaitAnswers(30L * CAMERAS.length, LONG);
        // Counted once they are committed, and so a moment after they can be read.
        await().atMost(LONG).until(() -> again.metrics().answered() == 30L * CAMERAS.length);
      }
      for (String camera : CAMERAS) {
        assertThat(tally.answers())
            .filteredOn(answered -> answered.key().equals(camera))
            .extracting(answered -> answered.answer().getFrameNumber())
            .containsExactlyElementsOf(LongStream.rangeClosed(51, 80).boxed().toList());
      }
    }
  }

  @Test
  void workersOfTheNewGroupProtocolShareTakeOverAndAnswerEachFrameOnce() throws Exception {
    DetectorSite site = DetectorSite.create(broker, "kip848", folder);
    String config = site.newProtocolConfig("");
    try (TestFrames frames = site.frames();
        DetectionsTally tally = new DetectionsTally(site.kafka());
        Admin admin = Admin.create(site.kafka().adminProperties("test", Map.of()));
        ScriptedDetector stays = new ScriptedDetector(config)) {
      frames.send(100, CAMERAS);
      tally.awaitAnswers(50, LONG);
      assertThat(admin.describeConsumerGroups(List.of(site.group())).all().get().values())
          .singleElement()
          .satisfies(group -> assertThat(group.type()).isEqualTo(GroupType.CONSUMER));

      Process dies = ScriptedDetector.startProcess(config, site.log());
      try {
        await().atMost(LONG).failFast(() -> !dies.isAlive()).until(() -> workers(admin, site) == 2);
        frames.send(100, CAMERAS);
      } finally {
        dies.destroyForcibly().waitFor();
      }
      try (ScriptedDetector guest = new ScriptedDetector(config)) {
        await()
            .atMost(LONG)
            .until(
                () -> {
                  frames.send(5, CAMERAS);
                  return guest.metrics().answered() > 0;
                });
      }
      frames.send(20, CAMERAS);
      tally.awaitAnswers(tally.readFrames().size(), LONG);
      assertThat(stays.metrics().answered()).isPositive();
    }
    try (DetectionsTally tally = new DetectionsTally(site.kafka())) {
      tally.assertExactlyOneAnswerPerFrameInOrder();
      assertThat(tally.answers())
          .isNotEmpty()
          .allMatch(answered -> answered.answer().getOutcome() == Outcome.DETECTED);
    }
  }

  @Test
  void framesThatAreTooOldAreAnsweredStaleWithoutTheModelAndTheOthersDetected() throws Exception {
    DetectorSite site = DetectorSite.create(broker, "stale", folder);
    String config = site.config("freshness.max-age = 10 minutes");
    try (TestFrames old = site.frames(Duration.ofMinutes(11));
        TestFrames fresh = site.frames();
        DetectionsTally tally = new DetectionsTally(site.kafka());
        ScriptedDetector detector = new ScriptedDetector(config)) {
      for (int i = 0; i < 20; i++) {
        old.send(1, "gate", "lot");
        fresh.send(1, "yard", "dock");
      }
      tally.awaitAnswers(80, LONG);

      tally.assertExactlyOneAnswerPerFrameInOrder();
      assertThat(tally.answers()).hasSize(80);
      for (DetectionsTally.Answered answered : tally.answers()) {
        boolean isOld = List.of("gate", "lot").contains(answered.key());
        assertThat(answered.answer().getOutcome())
            .as("%s %s", answered.key(), answered.answer().getFrameNumber())
            .isEqualTo(isOld ? Outcome.STALE : Outcome.DETECTED);
        assertThat(answered.answer().getDetections()).hasSize(isOld ? 0 : 1);
        assertThat(answered.answer().getError()).isNull();
      }
      assertThat(detector.metrics().answered(Outcome.STALE)).isEqualTo(40);
      assertThat(detector.metrics().answered(Outcome.DETECTED)).isEqualTo(40);
      assertThat(detector.metrics().batchedPictures()).as("seen by the model").isEqualTo(40);
    }
  }

  /** Partitions whose place the group has committed. */
  private static int places(Admin admin, DetectorSite site) throws Exception {
    return admin
        .listConsumerGroupOffsets(site.group())
        .partitionsToOffsetAndMetadata()
        .get()
        .size();
  }

  private static int workers(Admin admin, DetectorSite site) throws Exception {
    return admin
        .describeConsumerGroups(List.of(site.group()))
        .all()
        .get()
        .values()
        .iterator()
        .next()
        .members()
        .size();
  }
}
