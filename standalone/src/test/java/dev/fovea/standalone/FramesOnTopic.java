package dev.fovea.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topic;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.CameraStatus;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.FrameLedger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** What ingest has written, read back by a plain consumer. */
final class FramesOnTopic {
  private final KafkaSettings kafka;
  private final Topics topics;

  FramesOnTopic(KafkaSettings kafka) {
    this.kafka = kafka;
    this.topics = new Topics(kafka);
  }

  /** All frames of {@code camera}, in the order of the topic. */
  List<Frame> of(String camera) {
    List<Frame> frames = new ArrayList<>();
    for (ConsumerRecord<String, Frame> record : readAll(topics.frames())) {
      if (record.key().equals(camera)) {
        assertThat(record.timestamp())
            .isEqualTo(Math.floorDiv(record.value().getCaptureTimeMicros(), 1_000L));
        frames.add(record.value());
      }
    }
    return frames;
  }

  /** The last status of each camera. */
  Map<String, CameraStatus> statuses() {
    Map<String, CameraStatus> last = new HashMap<>();
    readAll(topics.cameras()).forEach(record -> last.put(record.key(), record.value()));
    return last;
  }

  /** Frames of all cameras together, without reading them. */
  long count() {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      return consumer.endOffsets(partitions(consumer, topics.frames().name())).values().stream()
          .mapToLong(Long::longValue)
          .sum();
    }
  }

  private <V> List<ConsumerRecord<String, V>> readAll(Topic<String, V> topic) {
    List<ConsumerRecord<String, V>> all = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      List<TopicPartition> partitions = partitions(consumer, topic.name());
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          all.add(
              new ConsumerRecord<>(
                  record.topic(),
                  record.partition(),
                  record.offset(),
                  record.timestamp(),
                  record.timestampType(),
                  0,
                  0,
                  topic.keySerde().deserializer().deserialize(topic.name(), record.key()),
                  topic.valueSerde().deserializer().deserialize(topic.name(), record.value()),
                  record.headers(),
                  record.leaderEpoch()));
        }
      }
    }
    return all;
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    return new KafkaConsumer<>(
        kafka.consumerProperties("test", Map.of("enable.auto.commit", false)),
        new org.apache.kafka.common.serialization.ByteArrayDeserializer(),
        new org.apache.kafka.common.serialization.ByteArrayDeserializer());
  }

  private static List<TopicPartition> partitions(KafkaConsumer<?, ?> consumer, String topic) {
    return consumer.partitionsFor(topic).stream()
        .map(p -> new TopicPartition(topic, p.partition()))
        .toList();
  }

  /**
   * The promises of the topic about one camera: numbered without a gap from 1, capture times
   * strictly increasing, and a ledger in each frame that adds up and never goes back.
   */
  static void assertSound(List<Frame> frames) {
    long lastCapture = Long.MIN_VALUE;
    long lastDecoded = 0;
    for (int i = 0; i < frames.size(); i++) {
      Frame frame = frames.get(i);
      FrameLedger ledger = frame.getLedger();
      assertThat(ledger.getPublished()).as("number of frame %s", i).isEqualTo(i + 1);
      assertThat(frame.getCaptureTimeMicros()).as("capture of %s", i).isGreaterThan(lastCapture);
      assertThat(ledger.getDecoded()).as("decoded of %s", i).isGreaterThan(lastDecoded);
      assertAddsUp(ledger);
      lastCapture = frame.getCaptureTimeMicros();
      lastDecoded = ledger.getDecoded();
    }
  }

  static void assertAddsUp(FrameLedger ledger) {
    assertThat(ledger.getDecoded())
        .isEqualTo(ledger.getSampledOut() + droppedIn(ledger) + ledger.getPublished());
  }

  static long droppedIn(FrameLedger ledger) {
    return ledger.getDropped().values().stream().mapToLong(Long::longValue).sum();
  }
}
