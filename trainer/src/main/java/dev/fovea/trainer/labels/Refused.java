package dev.fovea.trainer.labels;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;

/** Who is told of the records that make no label. */
public interface Refused {

  /**
   * A record is passed over; it is not before this returns.
   *
   * @throws KafkaException if it must not be passed over now
   */
  void refused(ConsumerRecord<byte[], byte[]> record, BadAnnotationException why)
      throws InterruptedException;
}
