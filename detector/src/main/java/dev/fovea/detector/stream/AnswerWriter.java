package dev.fovea.detector.stream;

import dev.fovea.schema.DeadLetter;
import dev.fovea.schema.Topic;
import dev.fovea.schema.avro.Detections;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** Turns answers into the records and offsets of their transaction. Committing thread only. */
final class AnswerWriter {
  private final Topic<String, Detections> detections;
  private final Topic<byte[], byte[]> deadLetters;

  AnswerWriter(Topic<String, Detections> detections, Topic<byte[], byte[]> deadLetters) {
    this.detections = detections;
    this.deadLetters = deadLetters;
  }

  /** The records that say {@code answers}, in their order. */
  List<ProducerRecord<byte[], byte[]>> records(List<Answer> answers) {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(answers.size());
    for (Answer answer : answers) {
      if (answer.detections() != null) {
        records.add(detections(answer.frame().record(), answer.detections()));
      }
      if (answer.error() != null) {
        records.add(deadLetter(answer.frame().record(), answer.error()));
      }
    }
    return records;
  }

  /** Per partition, the offset after the last answer. */
  static Map<TopicPartition, OffsetAndMetadata> offsets(List<Answer> answers) {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    for (Answer answer : answers) {
      ConsumerRecord<byte[], byte[]> record = answer.frame().record();
      offsets.put(
          answer.frame().partition(),
          new OffsetAndMetadata(record.offset() + 1, record.leaderEpoch(), ""));
    }
    return offsets;
  }

  private ProducerRecord<byte[], byte[]> detections(
      ConsumerRecord<byte[], byte[]> frame, Detections answer) {
    byte[] key = answer.getCameraId().getBytes(StandardCharsets.UTF_8);
    byte[] value = detections.valueSerde().serializer().serialize(detections.name(), answer);
    return new ProducerRecord<>(detections.name(), null, recordTime(frame, answer), key, value);
  }

  /**
   * Capture time, milliseconds. A broker refuses times too far ahead of its own clock, and would
   * for ever; so what lies ahead is cut to the frame's own record time, which was accepted, or to
   * now.
   */
  static long recordTime(ConsumerRecord<byte[], byte[]> frame, Detections answer) {
    long accepted = Math.max(frame.timestamp(), System.currentTimeMillis());
    return Math.min(answer.getCaptureTimeMicros() / 1_000, accepted);
  }

  private ProducerRecord<byte[], byte[]> deadLetter(
      ConsumerRecord<byte[], byte[]> record, BadInput error) {
    return DeadLetter.of(
        deadLetters, record, error.cause().stage(), error.error(), error.message());
  }
}
