package dev.fovea.trainer.labels;

import dev.fovea.schema.DeadLetter;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topic;
import dev.fovea.schema.Topics;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes refused annotations dead letters and says so in the log. One may be written twice where the
 * process is killed right after it. One thread, which closes it.
 */
public final class DeadLetterWriter implements Refused, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DeadLetterWriter.class);

  private static final String CLIENT_ID = "trainer-dead-letters";
  private static final String STAGE = "labels";
  private static final int MAX_REQUEST_BYTES = 2 * Topics.MAX_RECORD_BYTES;

  private final Topic<byte[], byte[]> deadLetters;
  private final Producer<byte[], byte[]> producer;

  public DeadLetterWriter(KafkaSettings kafka) {
    this.deadLetters = new Topics(kafka).deadLetters();
    Map<String, Object> properties =
        kafka.producerProperties(
            CLIENT_ID,
            Map.of(
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true, ProducerConfig.ACKS_CONFIG, "all"));
    properties.remove(ProducerConfig.TRANSACTIONAL_ID_CONFIG);
    properties.putIfAbsent(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_REQUEST_BYTES);
    this.producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  @Override
  public void refused(ConsumerRecord<byte[], byte[]> record, BadAnnotationException why)
      throws InterruptedException {
    String message =
        "%s-%d@%d: %s"
            .formatted(record.topic(), record.partition(), record.offset(), why.getMessage());
    Future<RecordMetadata> sent =
        producer.send(DeadLetter.of(deadLetters, record, STAGE, why, message));
    try {
      sent.get();
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof KafkaException kafka
          ? kafka
          : new KafkaException(failed.getCause());
    }
    log.warn("Annotation refused, dead letter written: {}", message);
  }

  @Override
  public void close() {
    producer.close();
  }
}
