package dev.fovea.detector.stream;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/** Polled records and answers to them, made by hand. */
final class Polled {
  static final TopicPartition LEFT = new TopicPartition("frames", 0);
  static final TopicPartition RIGHT = new TopicPartition("frames", 1);

  private Polled() {}

  static PolledFrame frame(TopicPartition partition, long epoch, long offset) {
    return frame(partition, epoch, offset, "gate", new byte[0]);
  }

  static PolledFrame record(@Nullable String key, byte @Nullable [] value) {
    return frame(LEFT, 1, 7, key, value);
  }

  private static PolledFrame frame(
      TopicPartition partition,
      long epoch,
      long offset,
      @Nullable String key,
      byte @Nullable [] value) {
    byte[] keyBytes = key == null ? null : key.getBytes(StandardCharsets.UTF_8);
    return new PolledFrame(
        partition,
        epoch,
        offset,
        new ConsumerRecord<>(partition.topic(), partition.partition(), offset, keyBytes, value));
  }

  /** Any answer will do where only its place counts. */
  static Answer answer(PolledFrame frame) {
    Exception error = new SerializationException("no frame");
    return new Answer(frame, null, new BadInput(BadInput.Cause.NOT_A_FRAME, "no frame", error), 0);
  }
}
