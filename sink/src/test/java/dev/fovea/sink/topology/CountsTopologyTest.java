package dev.fovea.sink.topology;

import static dev.fovea.sink.Answers.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.Count;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.Outcome;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The production topology, record by record. */
class CountsTopologyTest {
  private static final long SECOND = 1_000_000;
  private static final long WINDOW = 10 * SECOND;

  /** The start of a window. */
  private static final long T0 = 1_764_000_000 * SECOND;

  @TempDir Path folder;
  private final Topics topics =
      new Topics(new KafkaSettings("t.", 3, (short) -1, Optional.empty(), Map.of()));
  private TopologyTestDriver driver;
  private TestInputTopic<String, Detections> detections;
  private TestInputTopic<byte[], byte[]> raw;
  private TestOutputTopic<String, Count> counts;
  private TestOutputTopic<byte[], byte[]> deadLetters;

  @BeforeEach
  void start() {
    Properties properties = new Properties();
    properties.putAll(CountsTopology.settings(topics));
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
    properties.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
    driver =
        new TopologyTestDriver(CountsTopology.build(topics, Duration.ofSeconds(30)), properties);
    String name = topics.detections().name();
    detections =
        driver.createInputTopic(
            name, new StringSerializer(), topics.detections().valueSerde().serializer());
    raw = driver.createInputTopic(name, new ByteArraySerializer(), new ByteArraySerializer());
    counts =
        driver.createOutputTopic(
            topics.counts().name(),
            new StringDeserializer(),
            topics.counts().valueSerde().deserializer());
    deadLetters =
        driver.createOutputTopic(
            topics.deadLetters().name(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  @AfterEach
  void stop() {
    driver.close();
  }

  @Test
  void everyChangeOfAWindowIsAnUpdate() {
    send(answer("lot", 1, T0, Outcome.DETECTED, "car", "car", "person"));
    assertThat(counts.readValuesToList())
        .containsExactly(
            new Count("lot", "car", T0, T0 + WINDOW, 1L, 2L, 2),
            new Count("lot", "person", T0, T0 + WINDOW, 1L, 1L, 1));
    send(answer("lot", 2, T0 + SECOND, Outcome.UNCHANGED, "car"));
    assertThat(counts.readValuesToList())
        .containsExactly(
            new Count("lot", "car", T0, T0 + WINDOW, 2L, 3L, 2),
            new Count("lot", "person", T0, T0 + WINDOW, 2L, 1L, 1));
  }

  @Test
  void windowsAreHalfOpen() {
    send(answer("lot", 1, T0 - 1, Outcome.DETECTED, "car"));
    send(answer("lot", 2, T0, Outcome.DETECTED, "car"));
    send(answer("lot", 3, T0 + WINDOW - 1, Outcome.DETECTED, "car"));
    send(answer("lot", 4, T0 + WINDOW, Outcome.DETECTED, "car"));
    assertThat(counts.readValuesToList())
        .extracting(Count::getWindowStartMicros, Count::getFrames)
        .containsExactly(
            tuple(T0 - WINDOW, 1L), tuple(T0, 1L), tuple(T0, 2L), tuple(T0 + WINDOW, 1L));
  }

  @Test
  void framesThatNobodyLookedAtDoNotCount() {
    send(answer("lot", 1, T0, Outcome.DETECTED, "car"));
    send(answer("lot", 2, T0 + 1, Outcome.STALE, "car"));
    send(answer("lot", 3, T0 + 2, Outcome.UNDECODABLE));
    assertThat(counts.readValuesToList()).hasSize(1);
  }

  @Test
  void aClassSeenBeforeGoesDownToZero() {
    send(answer("lot", 1, T0, Outcome.DETECTED, "car"));
    counts.readValuesToList();
    send(answer("lot", 2, T0 + WINDOW, Outcome.DETECTED));
    assertThat(counts.readValuesToList())
        .containsExactly(new Count("lot", "car", T0 + WINDOW, T0 + 2 * WINDOW, 1L, 0L, 0));
  }

  @Test
  void aFrameAnsweredTwiceCountsOnce() {
    send(answer("lot", 1, T0, Outcome.DETECTED, "car"));
    send(answer("lot", 2, T0 + 1, Outcome.DETECTED, "car"));
    counts.readValuesToList();
    send(answer("lot", 1, T0, Outcome.DETECTED, "car"));
    assertThat(counts.isEmpty()).isTrue();
    assertThat(total("duplicate")).isEqualTo(1);
  }

  @Test
  void aLateRecordCountsWithinTheGraceAndIsNotedAfterIt() {
    send(answer("lot", 5, T0 + WINDOW + 29 * SECOND, Outcome.DETECTED, "car"));
    counts.readValuesToList();
    send(answer("lot", 1, T0, Outcome.DETECTED, "car"));
    assertThat(counts.readValue()).isEqualTo(new Count("lot", "car", T0, T0 + WINDOW, 1L, 1L, 1));
    send(answer("lot", 6, T0 + WINDOW + 30 * SECOND, Outcome.DETECTED, "car"));
    counts.readValuesToList();
    send(answer("lot", 2, T0 + 1, Outcome.DETECTED, "car"));
    assertThat(counts.isEmpty()).isTrue();
    assertThat(total("late")).isEqualTo(1);
  }

  @Test
  void aCameraWhoseClockIsAheadMakesNobodyElseLate() {
    send(answer("ahead", 1, T0 + 86_400 * SECOND, Outcome.DETECTED, "car"));
    send(answer("lot", 1, T0, Outcome.DETECTED, "car"));
    assertThat(counts.readValuesToList()).hasSize(2);
    assertThat(total("late")).isZero();
  }

  /** That it becomes a dead letter shows only on a real broker: {@code SinkIT}. */
  @Test
  void bytesThatAreNoRecordDoNotStopTheTopology() {
    raw.pipeInput("lot".getBytes(StandardCharsets.UTF_8), new byte[] {1, 2, 3});
    send(answer("lot", 1, T0, Outcome.DETECTED, "car"));
    assertThat(counts.readValuesToList()).hasSize(1);
  }

  @Test
  void anAnswerThatBreaksARuleBecomesADeadLetter() {
    detections.pipeInput("yard", answer("lot", 1, T0, Outcome.DETECTED, "car"));
    detections.pipeInput("../etc", answer("../etc", 1, T0, Outcome.DETECTED, "car"));
    detections.pipeInput("lot", answer("lot", 0, T0, Outcome.DETECTED, "car"));
    List<TestRecord<byte[], byte[]>> letters = deadLetters.readRecordsToList();
    assertThat(letters).hasSize(3);
    assertThat(letters.get(0).key()).isEqualTo("yard".getBytes(StandardCharsets.UTF_8));
    assertThat(letters.get(0).getHeaders().toArray())
        .extracting(Header::key)
        .anyMatch(name -> name.contains("topic"))
        .anyMatch(name -> name.contains("offset"))
        .anyMatch(name -> name.contains("exception"));
    assertThat(letters.get(0).value())
        .isEqualTo(
            topics
                .detections()
                .valueSerde()
                .serializer()
                .serialize("", answer("lot", 1, T0, Outcome.DETECTED, "car")));
    assertThat(counts.isEmpty()).isTrue();
  }

  private void send(Detections answer) {
    detections.pipeInput(answer.getCameraId(), answer);
  }

  private double total(String what) {
    return driver.metrics().entrySet().stream()
        .filter(metric -> CountsTopology.isTotal(metric.getKey(), what))
        .mapToDouble(metric -> (double) metric.getValue().metricValue())
        .sum();
  }
}
