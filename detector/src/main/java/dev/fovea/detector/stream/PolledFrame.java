package dev.fovea.detector.stream;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * A record of the frames topic as it was polled, not yet known to be a frame.
 *
 * @param partition where it came from
 * @param epoch the partition's epoch in {@link Assignment} when it was polled; a later epoch makes
 *     this work void
 * @param sequence how many records of the partition were polled before it in this epoch; shows that
 *     none is skipped
 * @param record the record; key and value may be null
 */
record PolledFrame(
    TopicPartition partition, long epoch, long sequence, ConsumerRecord<byte[], byte[]> record) {

  /** What it weighs in a queue. */
  long bytes() {
    return Math.max(0L, record.serializedKeySize()) + Math.max(0L, record.serializedValueSize());
  }

  /** For messages: topic-partition@offset. */
  String position() {
    return partition + "@" + record.offset();
  }
}
