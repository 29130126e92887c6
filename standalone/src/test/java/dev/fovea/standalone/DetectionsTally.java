package dev.fovea.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topic;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.Frame;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Holds the detections topic against the frames topic, as a read-committed consumer sees them:
 * exactly one answer a frame, in the frames' order. Reads as it goes ({@link #awaitAnswers}), and
 * at the end, once no detector runs any more, both topics to their ends ({@link
 * #assertExactlyOneAnswerPerFrameInOrder}).
 */
final class DetectionsTally implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(50);

  /** The place of a frame. */
  record Place(int partition, long offset) {}

  /** An answer as it was read. */
  record Answered(int partition, long offset, long timeMillis, String key, Detections answer) {
    Place place() {
      return new Place(answer.getFramePartition(), answer.getFrameOffset());
    }
  }

  private final KafkaSettings kafka;
  private final Topics topics;
  private final Consumer<byte[], byte[]> detections;
  private final List<Answered> answers = new ArrayList<>();

  /**
   * @param kafka whose topics exist
   */
  DetectionsTally(KafkaSettings kafka) {
    this.kafka = kafka;
    this.topics = new Topics(kafka);
    this.detections = reader(topics.detections());
  }

  /** All answers read so far, in the order of their partitions. */
  List<Answered> answers() {
    return List.copyOf(answers);
  }

  /** Reads until there are {@code count} answers; fails if they do not come in time. */
  void awaitAnswers(long count, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (answers.size() < count) {
      assertThat(System.nanoTime())
          .withFailMessage("only %d of %d answers within %s", answers.size(), count, timeout)
          .isLessThan(deadline);
      readAnswers();
    }
  }

  /** The check. Both topics are read to their present ends first. */
  void assertExactlyOneAnswerPerFrameInOrder() {
    Map<Place, Frame> frames = readFrames();
    Map<TopicPartition, Long> ends = detections.endOffsets(detections.assignment());
    while (ends.entrySet().stream().anyMatch(e -> detections.position(e.getKey()) < e.getValue())) {
      readAnswers();
    }
    Map<Place, Integer> counts = new HashMap<>();
    answers.forEach(answer -> counts.merge(answer.place(), 1, Integer::sum));

    assertThat(frames.keySet().stream().filter(place -> !counts.containsKey(place)).limit(20))
        .as("frames without an answer, of %d", frames.size())
        .isEmpty();
    assertThat(counts.entrySet().stream().filter(e -> e.getValue() > 1).limit(20))
        .as("frames with more than one answer, of %d", frames.size())
        .isEmpty();
    assertThat(counts.keySet().stream().filter(place -> !frames.containsKey(place)).limit(20))
        .as("answers to what is no frame")
        .isEmpty();
    answers.forEach(
        answer -> assertIsOf(answer, Objects.requireNonNull(frames.get(answer.place()))));
    assertInOrder();
  }

  /**
   * The frames there are, by place, in the order of their partitions; what is no frame is left out.
   */
  Map<Place, Frame> readFrames() {
    Topic<String, Frame> topic = topics.frames();
    Map<Place, Frame> frames = new LinkedHashMap<>();
    try (Consumer<byte[], byte[]> consumer = reader(topic)) {
      readToEnd(
          consumer,
          record -> {
            Frame frame = valueOrNull(topic, record);
            String key =
                record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
            if (frame != null && frame.getCameraId().equals(key)) {
              frames.put(new Place(record.partition(), record.offset()), frame);
            }
          });
    }
    return frames;
  }

  /** The dead letters there are. */
  List<ConsumerRecord<byte[], byte[]>> readDeadLetters() {
    List<ConsumerRecord<byte[], byte[]>> letters = new ArrayList<>();
    try (Consumer<byte[], byte[]> consumer = reader(topics.deadLetters())) {
      readToEnd(consumer, letters::add);
    }
    return letters;
  }

  private static void assertIsOf(Answered answered, Frame frame) {
    Detections answer = answered.answer();
    assertThat(answer.getCameraId()).isEqualTo(frame.getCameraId()).isEqualTo(answered.key());
    assertThat(answer.getCaptureTimeMicros()).isEqualTo(frame.getCaptureTimeMicros());
    assertThat(answer.getFrameNumber()).isEqualTo(frame.getLedger().getPublished());
    assertThat(answer.getWidthPx()).isEqualTo(frame.getWidthPx());
    assertThat(answer.getHeightPx()).isEqualTo(frame.getHeightPx());
    assertThat(answered.timeMillis()).isEqualTo(frame.getCaptureTimeMicros() / 1_000);
  }

  /** Per camera: one partition, frame numbers, capture times and offsets rising. */
  private void assertInOrder() {
    Map<String, Answered> last = new HashMap<>();
    for (Answered next : answers) {
      Answered before = last.put(next.key(), next);
      if (before != null) {
        assertThat(next.partition())
            .as("partition of %s", next.key())
            .isEqualTo(before.partition());
        assertThat(List.of(before, next))
            .as("answers of camera %s", next.key())
            .satisfies(
                pair -> {
                  assertRises(before, next, Detections::getFrameNumber);
                  assertRises(before, next, Detections::getCaptureTimeMicros);
                  assertRises(before, next, Detections::getFrameOffset);
                });
      }
    }
  }

  private static void assertRises(
      Answered before, Answered next, Function<Detections, Long> value) {
    assertThat(value.apply(next.answer())).isGreaterThan(value.apply(before.answer()));
  }

  private void readAnswers() {
    Topic<String, Detections> topic = topics.detections();
    for (ConsumerRecord<byte[], byte[]> record : detections.poll(POLL)) {
      answers.add(
          new Answered(
              record.partition(),
              record.offset(),
              record.timestamp(),
              new String(record.key(), StandardCharsets.UTF_8),
              topic.valueSerde().deserializer().deserialize(topic.name(), record.value())));
    }
  }

  private static void readToEnd(
      Consumer<byte[], byte[]> consumer,
      java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> take) {
    Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
    while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
      consumer.poll(POLL).forEach(take);
    }
  }

  private static <T extends SpecificRecord> @org.jspecify.annotations.Nullable T valueOrNull(
      Topic<String, T> topic, ConsumerRecord<byte[], byte[]> record) {
    try {
      return topic.valueSerde().deserializer().deserialize(topic.name(), record.value());
    } catch (SerializationException e) {
      return null;
    }
  }

  private Consumer<byte[], byte[]> reader(Topic<?, ?> topic) {
    Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            kafka.consumerProperties(
                "tally",
                Map.of(
                    "isolation.level", "read_committed",
                    "auto.offset.reset", "earliest",
                    "enable.auto.commit", false)),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic.name()).stream()
            .map(p -> new TopicPartition(p.topic(), p.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    return consumer;
  }

  @Override
  public void close() {
    detections.close();
  }
}
