package dev.fovea.standalone.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.FrameLedger;
import dev.fovea.schema.avro.Outcome;
import dev.fovea.standalone.EmbeddedBroker;
import dev.fovea.standalone.Main;
import dev.fovea.standalone.audit.HandMadeTopics.Placed;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command on a real broker: what is clean, and each fault by itself. */
class AuditIT {
  private static final AtomicInteger PREFIXES = new AtomicInteger();

  @TempDir static Path brokerFolder;
  private static EmbeddedBroker broker;

  @TempDir Path folder;

  private final Instant start = Instant.now().minus(Duration.ofMinutes(10));

  @BeforeAll
  static void startBroker() {
    broker = EmbeddedBroker.start(brokerFolder);
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  private record Said(int status, String out, String err) {
    JsonNode json() throws Exception {
      return new ObjectMapper().readTree(out);
    }

    JsonNode camera(String name) throws Exception {
      for (JsonNode camera : json().get("cameras")) {
        if (camera.get("camera").asText().equals(name)) {
          return camera;
        }
      }
      throw new AssertionError("no camera " + name + " in " + out);
    }

    /** The kinds of fault that a camera has. */
    Set<String> faults(String name) throws Exception {
      Set<String> faults = new HashSet<>();
      camera(name).get("faults").fieldNames().forEachRemaining(faults::add);
      return faults;
    }
  }

  private HandMadeTopics handMade() {
    return new HandMadeTopics(
        broker.bootstrapServers(), "audit" + PREFIXES.incrementAndGet() + ".", start);
  }

  private Said audit(HandMadeTopics topics, Object... options) throws Exception {
    Path config = folder.resolve("detector.conf");
    Files.writeString(
        config,
        """
        engine = onnxruntime
        kafka { bootstrap.servers = "%s", topic-prefix = "%s", startup-timeout = 5 s }
        """
            .formatted(broker.bootstrapServers(), topics.kafka.topicPrefix()));
    List<Object> arguments = new ArrayList<>(List.of("--config", config));
    arguments.addAll(Arrays.asList(options));
    return run(arguments.toArray());
  }

  private static Said run(Object... options) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command =
        Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    List<String> arguments = new ArrayList<>(List.of("audit"));
    Arrays.stream(options).map(Object::toString).forEach(arguments::add);
    int status = command.execute(arguments.toArray(String[]::new));
    return new Said(status, out.toString(), err.toString());
  }

  private static List<Placed> publish(HandMadeTopics topics, String camera, int count)
      throws Exception {
    List<Placed> frames = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      frames.add(topics.publishNext(camera));
    }
    return frames;
  }

  private static void answerAll(HandMadeTopics topics, List<Placed> frames) throws Exception {
    topics.answer(Outcome.DETECTED, frames.toArray(Placed[]::new));
  }

  @Test
  void aCleanRunIsClean() throws Exception {
    try (HandMadeTopics topics = handMade().create()) {
      List<Placed> gate = publish(topics, "gate", 12);
      List<Placed> lot = publish(topics, "lot", 5);
      topics.answer(Outcome.DETECTED, gate.subList(0, 8).toArray(Placed[]::new));
      topics.answer(Outcome.UNCHANGED, gate.get(8), gate.get(9));
      topics.answerAndAbort(gate.get(3), gate.get(10), gate.get(11));
      topics.answer(Outcome.STALE, gate.get(10));
      topics.answer(Outcome.UNDECODABLE, gate.get(11));
      topics.deadLetter(gate.get(11));
      answerAll(topics, lot);
      topics.status("gate", HandMadeTopics.ledger(12));

      Said said = audit(topics, "--json");

      assertThat(said.err()).isEmpty();
      assertThat(said.status()).as(said.out()).isZero();
      assertThat(said.json().get("verdict").asText()).isEqualTo("clean");
      JsonNode camera = said.camera("gate");
      assertThat(camera.get("frames").asLong()).isEqualTo(12);
      assertThat(camera.get("outcomes"))
          .isEqualTo(
              new ObjectMapper()
                  .readTree(
                      "{\"detected\": 8, \"unchanged\": 2, \"stale\": 1, \"undecodable\": 1}"));
      assertThat(camera.get("ledger").get("decoded").asLong()).isEqualTo(25);
      assertThat(camera.get("ledger").get("dropped").get("backpressure").asLong()).isEqualTo(1);
      assertThat(camera.get("ledgerOffBy").asLong()).isZero();
      assertThat(camera.get("outcomesOffBy").asLong()).isZero();
      assertThat(said.camera("lot").get("frames").asLong()).isEqualTo(5);
      assertThat(audit(topics, "--camera", "lot", "--json").json().get("cameras")).hasSize(1);

      Said text = audit(topics);
      assertThat(text.status()).isZero();
      assertThat(text.out())
          .contains("Clean: every frame has exactly one answer")
          .containsPattern("gate +12 +8 +2 +1 +1 +0 +0 +0 +0")
          .containsPattern("all +17 +13 ")
          .containsPattern("gate +25 +12 +1 +12 +holds +12 +12 +0 +holds");
    }
  }

  @Test
  void eachFaultIsFoundAndNoOther() throws Exception {
    try (HandMadeTopics topics = handMade().create()) {
      List<Placed> missing = publish(topics, "missing", 6);
      missing.remove(2);
      answerAll(topics, missing);

      List<Placed> repeated = publish(topics, "repeated", 6);
      answerAll(topics, repeated);
      topics.answer(Outcome.DETECTED, repeated.get(4));

      List<Placed> order = publish(topics, "order", 6);
      java.util.Collections.swap(order, 2, 3);
      answerAll(topics, order);

      List<Placed> lettered = publish(topics, "lettered", 6);
      topics.deadLetter(lettered.remove(2));
      answerAll(topics, lettered);

      List<Placed> ledger = publish(topics, "ledger", 5);
      topics.skip("ledger");
      ledger.add(topics.publish(topics.frame("ledger", 6, new FrameLedger(12L, 5L, Map.of(), 6L))));
      answerAll(topics, ledger);

      List<Placed> status = publish(topics, "status", 6);
      answerAll(topics, status);
      topics.status("status", new FrameLedger(19L, 9L, Map.of("too-large", 1L), 8L));

      List<Placed> lost = publish(topics, "lost", 3);
      topics.skip("lost");
      topics.skip("lost");
      lost.addAll(publish(topics, "lost", 3));
      answerAll(topics, lost);

      List<Placed> twice = publish(topics, "twice", 3);
      topics.publish(topics.frame("twice", 3, HandMadeTopics.ledger(3)));
      twice.addAll(publish(topics, "twice", 3));
      answerAll(topics, twice);

      List<Placed> none = publish(topics, "none", 6);
      answerAll(topics, none);
      Detections stray = HandMadeTopics.answerOf(none.get(5), Outcome.DETECTED);
      stray.setFrameNumber(70L);
      topics.answer(stray);

      Said said = audit(topics, "--json");

      assertThat(said.status()).isEqualTo(1);
      assertThat(said.json().get("verdict").asText()).isEqualTo("not-clean");
      assertThat(said.faults("missing")).containsExactly("missing");
      assertThat(said.camera("missing").get("missing").asLong()).isEqualTo(1);
      assertThat(said.camera("missing").get("outcomesOffBy").asLong()).isEqualTo(1);
      assertThat(said.camera("missing").get("faults").get("missing").get("first").asText())
          .startsWith("frame 3, taken " + topics.timeOf(3));
      assertThat(said.faults("repeated")).containsExactly("repeated");
      assertThat(said.camera("repeated").get("repeated").asLong()).isEqualTo(1);
      assertThat(said.camera("repeated").get("answered").asLong()).isEqualTo(6);
      assertThat(said.faults("order")).containsExactly("outOfOrder");
      assertThat(said.camera("order").get("outOfOrder").asLong()).isEqualTo(1);
      assertThat(said.faults("lettered")).containsExactly("deadLettered");
      assertThat(said.faults("ledger")).containsExactly("ledgersThatDoNotBalance");
      assertThat(said.camera("ledger").get("ledgerOffBy").asLong()).isEqualTo(1);
      assertThat(said.faults("status"))
          .containsExactlyInAnyOrder("statusLedgersThatDoNotBalance", "publishedNotOnTopic");
      assertThat(
              said.camera("status").get("faults").get("publishedNotOnTopic").get("count").asInt())
          .isEqualTo(2);
      assertThat(said.faults("lost")).containsExactly("lostFrames");
      assertThat(said.camera("lost").get("faults").get("lostFrames").get("count").asInt())
          .isEqualTo(2);
      assertThat(said.faults("twice"))
          .containsExactlyInAnyOrder("frameNumbersOutOfStep", "captureTimesNotRising");
      assertThat(said.faults("none")).containsExactly("answersToNoFrame");
      assertThat(said.json().get("faults")).isEmpty();

      Said text = audit(topics);
      assertThat(text.status()).isEqualTo(1);
      assertThat(text.out())
          .contains("camera missing: 1 frame without an answer: frame 3, taken ")
          .contains("camera repeated: 1 answer to a frame that had one already: frame 5 ")
          .contains("camera order: 1 answer out of the frames' order: frame 3 is answered after")
          .contains("Not clean.");
      assertThat(audit(topics, "--camera", "ledger", "--to", topics.timeOf(6)).status()).isZero();
    }
  }

  @Test
  void garbageIsAccountedForByItsDeadLetters() throws Exception {
    try (HandMadeTopics topics = handMade().create()) {
      List<Placed> frames = publish(topics, "gate", 3);
      var cut = topics.publishGarbage("gate", new byte[] {(byte) 0xC3, 1, 2}, topics.timeOf(3));
      var tombstone = topics.publishGarbage("gate", null, topics.timeOf(3));
      frames.addAll(publish(topics, "gate", 3));
      answerAll(topics, frames);
      topics.deadLetter("gate", cut.partition(), cut.offset(), topics.timeOf(3));

      Said oneMissing = audit(topics, "--json");
      assertThat(oneMissing.status()).isEqualTo(1);
      assertThat(oneMissing.json().get("faults").get("deadLettersMissing").get("count").asInt())
          .isEqualTo(1);

      topics.deadLetter("gate", tombstone.partition(), tombstone.offset(), topics.timeOf(3));
      Said clean = audit(topics, "--json");
      assertThat(clean.status()).as(clean.out()).isZero();
      assertThat(clean.json().get("deadLetters").get("recordsThatAreNoFrames").asInt())
          .isEqualTo(2);
      assertThat(clean.json().get("deadLetters").get("ofThemWithDeadLetter").asInt()).isEqualTo(2);

      topics.deadLetter("gate", cut.partition(), cut.offset(), topics.timeOf(3));
      topics.deadLetter(frames.get(1));
      topics.answerGarbage("gate", topics.timeOf(5));
      Said said = audit(topics, "--json");
      assertThat(said.status()).isEqualTo(1);
      assertThat(said.json().get("faults").fieldNames())
          .toIterable()
          .containsExactlyInAnyOrder("deadLettersRepeated", "unreadableAnswers");
      assertThat(said.faults("gate")).containsExactly("deadLettersUnexplained");
      // Before and after, nothing is wrong.
      assertThat(audit(topics, "--to", topics.timeOf(2)).status()).isZero();
      assertThat(audit(topics, "--from", topics.timeOf(6)).status()).isZero();
    }
  }

  @Test
  void anUndecodableFrameWithoutItsDeadLetterIsFound() throws Exception {
    try (HandMadeTopics topics = handMade().create()) {
      topics.answer(Outcome.UNDECODABLE, publish(topics, "gate", 2).toArray(Placed[]::new));

      Said said = audit(topics, "--json");

      assertThat(said.status()).isEqualTo(1);
      assertThat(said.faults("gate")).containsExactly("deadLettersMissing");
    }
  }

  @Test
  void onlyTheStretchCountsAndLateAnswersDo() throws Exception {
    try (HandMadeTopics topics = handMade().create()) {
      List<Placed> frames = publish(topics, "gate", 20);
      List<Placed> answered = new ArrayList<>(frames);
      answered.remove(frames.get(3));
      // Frame 12 is answered after all others.
      answered.remove(frames.get(11));
      answerAll(topics, answered);
      topics.answer(Outcome.DETECTED, frames.get(11));

      Said middle = audit(topics, "--from", topics.timeOf(10), "--to", topics.timeOf(13), "--json");
      assertThat(middle.camera("gate").get("frames").asInt()).isEqualTo(3);
      assertThat(middle.camera("gate").get("answered").asInt()).isEqualTo(3);
      assertThat(middle.camera("gate").get("missing").asInt()).isZero();
      assertThat(audit(topics, "--to", topics.timeOf(4), "--json").status()).isZero();
      assertThat(audit(topics, "--to", topics.timeOf(5), "--json").faults("gate"))
          .containsExactly("missing");
      assertThat(audit(topics, "--from", topics.timeOf(13), "--json").status()).isZero();
      assertThat(audit(topics, "--from", "5m").out())
          .contains("Cannot tell: there are no frames and no answers in this stretch");
      assertThat(audit(topics, "--from", "15m", "--to", "5m").status()).isEqualTo(1);
      assertThat(audit(topics, "--from", "5m", "--to", "15m").err()).contains("--from");
      assertThat(audit(topics, "--from", "yesterday").status()).isEqualTo(2);
    }
  }

  @Test
  void framesUnderWayAreNotMissing() throws Exception {
    try (HandMadeTopics topics = handMade().create()) {
      List<Placed> frames = publish(topics, "gate", 8);
      answerAll(topics, frames.subList(0, 6));

      Said live = audit(topics, "--json");
      assertThat(live.status()).isZero();
      assertThat(live.camera("gate").get("notYetAnswered").asInt()).isEqualTo(2);
      assertThat(live.camera("gate").get("missing").asInt()).isZero();

      Said late = audit(topics, "--grace", "0s");
      assertThat(late.status()).isEqualTo(2);
      assertThat(late.out()).contains("Cannot tell: 2 frames wait behind the last answer");

      // Frame 8 is answered: 7 cannot be any more.
      topics.answer(Outcome.DETECTED, frames.get(7));
      assertThat(audit(topics, "--json").faults("gate")).containsExactly("missing");
    }
  }

  @Test
  void answersOfAnOpenTransactionAreNotSeenUntilItIsCommitted() throws Exception {
    try (HandMadeTopics topics = handMade().create()) {
      List<Placed> frames = publish(topics, "gate", 4);
      answerAll(topics, frames.subList(0, 2));
      topics.beginAnswer(frames.get(2), frames.get(3));

      Said open = audit(topics, "--json");
      assertThat(open.status()).isZero();
      assertThat(open.camera("gate").get("answered").asInt()).isEqualTo(2);
      assertThat(open.camera("gate").get("notYetAnswered").asInt()).isEqualTo(2);

      topics.commitAnswer();
      assertThat(audit(topics, "--json").camera("gate").get("answered").asInt()).isEqualTo(4);
    }
  }

  @Test
  void framesDeletedByRetentionAreToldFromLostOnes() throws Exception {
    try (HandMadeTopics topics = handMade().create()) {
      List<Placed> frames = publish(topics, "gate", 10);
      answerAll(topics, frames);
      List<Placed> behind = publish(topics, "behind", 10);
      answerAll(topics, List.of(behind.get(0), behind.get(1), behind.get(4), behind.get(9)));
      List<Placed> gone = publish(topics, "gone", 3);
      answerAll(topics, gone);
      topics.deleteFramesBefore(frames.get(6).partition(), frames.get(6).offset());
      // Whatever partition they share: behind's first six frames and all of gone's are deleted.
      topics.deleteFramesBefore(behind.get(6).partition(), behind.get(6).offset());
      topics.deleteFramesBefore(gone.get(2).partition(), gone.get(2).offset() + 1);

      Said said = audit(topics, "--json");

      JsonNode gate = said.camera("gate");
      assertThat(said.faults("gate")).isEmpty();
      assertThat(gate.get("frames").asInt()).isEqualTo(10);
      assertThat(gate.get("deletedAnswered").asInt()).isGreaterThanOrEqualTo(6);
      assertThat(gate.get("answered").asInt()).isEqualTo(10);
      assertThat(gate.get("outcomesOffBy").asInt()).isZero();
      assertThat(said.faults("behind")).contains("deletedUnanswered").doesNotContain("lostFrames");
      assertThat(said.faults("gone")).isEmpty();
      assertThat(said.camera("gone").get("deletedAnswered").asInt()).isEqualTo(3);
      assertThat(said.camera("gone").get("ledger").isNull()).isTrue();
      assertThat(audit(topics, "--camera", "gate").out())
          .contains("deleted by retention after an answer; they count by their answers");
    }
  }

  @Test
  void framesOlderThanTheOldestAnswerKeptAreNotJudged() throws Exception {
    try (HandMadeTopics topics = handMade().create()) {
      List<Placed> frames = publish(topics, "gate", 10);
      for (Placed frame : frames) {
        // A transaction each: an answer and its marker are two offsets.
        topics.answer(Outcome.DETECTED, frame);
      }
      topics.deleteAnswersBefore(frames.get(0).partition(), 8);

      Said said = audit(topics, "--json");

      assertThat(said.status()).as(said.out()).isZero();
      assertThat(said.camera("gate").get("answersDeleted").asInt()).isEqualTo(4);
      assertThat(said.camera("gate").get("answered").asInt()).isEqualTo(6);
    }
  }

  @Test
  void withNothingToReadItCannotTell() throws Exception {
    try (HandMadeTopics topics = handMade()) {
      Said noTopics = audit(topics);
      assertThat(noTopics.status()).isEqualTo(2);
      assertThat(noTopics.err())
          .isEqualToIgnoringNewLines(
              "fovea: there is no topic %sdetections on Kafka at %s (kafka.topic-prefix, kafka.bootstrap.servers)"
                  .formatted(topics.kafka.topicPrefix(), broker.bootstrapServers()));

      topics.create(topics.topics().frames(), topics.topics().detections());
      Said empty = audit(topics);
      assertThat(empty.status()).isEqualTo(2);
      assertThat(empty.out())
          .contains("Cannot tell: there are no frames and no answers in this stretch")
          .contains("there is no topic " + topics.kafka.topicPrefix() + "dead-letters");

      answerAll(topics, publish(topics, "gate", 2));
      assertThat(audit(topics).status()).isZero();
    }
  }

  @Test
  void withoutKafkaItCannotTell() throws Exception {
    Path config = folder.resolve("no.conf");
    Files.writeString(config, "kafka.startup-timeout = 1 s\n", StandardCharsets.UTF_8);

    Said said = run("--kafka", "127.0.0.1:1", "--config", config);

    assertThat(said.status()).isEqualTo(2);
    assertThat(said.err().strip().lines()).hasSize(1);
    assertThat(said.err()).contains("Kafka at 127.0.0.1:1 did not answer within 1 s");
  }

  @Test
  void leavesNoTraceOfAGroup() throws Exception {
    try (HandMadeTopics topics = handMade().create();
        Admin admin = Admin.create(topics.kafka.clientProperties(Map.of()))) {
      answerAll(topics, publish(topics, "gate", 2));
      assertThat(audit(topics).status()).isZero();

      assertThat(admin.listGroups().all().get()).isEmpty();
    }
  }
}
