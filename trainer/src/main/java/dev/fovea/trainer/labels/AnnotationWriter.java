package dev.fovea.trainer.labels;

import dev.fovea.schema.CameraId;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topic;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.Annotation;
import dev.fovea.schema.avro.AnnotationHead;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.utils.Utils;

/**
 * Writes annotations of one camera, and only those that say something new: what the topic has
 * already is left out, so an import that is repeated adds nothing, and one that was killed goes on
 * where it was. Annotations are written in transactions of many; a second writer for the same
 * camera fences the first. One thread.
 */
public final class AnnotationWriter implements AutoCloseable {
  private static final int MAX_TRANSACTION_RECORDS = 200;
  private static final long MAX_TRANSACTION_BYTES = 16 << 20;
  private static final int MAX_REQUEST_BYTES = 2 * Topics.MAX_RECORD_BYTES;
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final CameraId camera;
  private final Topic<String, Annotation> topic;
  private final int partition;
  private final Producer<byte[], byte[]> producer;
  private final Map<String, AnnotationHead> known = new HashMap<>();
  private int openRecords;
  private long openBytes;

  /**
   * Reads what the topic has of the camera.
   *
   * @param kafka whose topics exist
   * @throws KafkaException if Kafka does not answer or does not let it
   */
  public AnnotationWriter(KafkaSettings kafka, CameraId camera) {
    this.camera = camera;
    Topics topics = new Topics(kafka);
    this.topic = topics.annotations();
    this.producer = producer(kafka, transactionalId(kafka, camera));
    try {
      // First, so that nobody else writes after what is read now.
      producer.initTransactions();
      this.partition = partition(camera, producer.partitionsFor(topic.name()).size());
      try (Consumer<byte[], byte[]> consumer = consumer(kafka)) {
        readKnown(consumer, topics.annotationHeads());
      }
    } catch (RuntimeException e) {
      producer.close(Duration.ZERO);
      throw e;
    }
  }

  /** What the writer of a camera is called in transactions. */
  static String transactionalId(KafkaSettings kafka, CameraId camera) {
    return kafka.topicPrefix() + "annotate-" + camera;
  }

  /** As Kafka's producers choose it from a key. */
  private static int partition(CameraId camera, int partitions) {
    byte[] key = camera.value().getBytes(StandardCharsets.UTF_8);
    return Utils.toPositive(Utils.murmur2(key)) % partitions;
  }

  /**
   * Writes an annotation if it says something new.
   *
   * @param annotation of this camera, checked
   * @return whether it does
   * @throws KafkaException if it cannot be written; what was not {@linkplain #commit committed} is
   *     not
   */
  public boolean write(Annotation annotation) {
    if (!annotation.getCameraId().equals(camera.value())) {
      throw new IllegalArgumentException(
          "an annotation of camera " + annotation.getCameraId() + " is not " + camera + "'s");
    }
    if (isKnown(annotation)) {
      return false;
    }
    byte[] value = topic.valueSerde().serializer().serialize(topic.name(), annotation);
    if (value.length > Topics.MAX_RECORD_BYTES) {
      throw new IllegalArgumentException(
          "picture %s: its annotation has %d bytes, more than the %d that a record may have"
              .formatted(annotation.getPictureSha256(), value.length, Topics.MAX_RECORD_BYTES));
    }
    if (openRecords == 0) {
      producer.beginTransaction();
    }
    byte[] key = camera.value().getBytes(StandardCharsets.UTF_8);
    var unused = producer.send(new ProducerRecord<>(topic.name(), partition, key, value));
    known.put(annotation.getPictureSha256(), head(annotation));
    openRecords++;
    openBytes += value.length;
    if (openRecords >= MAX_TRANSACTION_RECORDS || openBytes >= MAX_TRANSACTION_BYTES) {
      commit();
    }
    return true;
  }

  /**
   * Makes what was written count.
   *
   * @throws KafkaException if it is not certain that it does; a new writer finds out
   */
  public void commit() {
    if (openRecords > 0) {
      producer.commitTransaction();
      openRecords = 0;
      openBytes = 0;
    }
  }

  /** What was written and not committed does not count. */
  @Override
  public void close() {
    if (openRecords > 0) {
      try {
        producer.abortTransaction(); // Readers would wait for its time-out.
      } catch (KafkaException e) {
        // It failed already, or the brokers are away: they abort it in the end.
      }
    }
    producer.close(PATIENCE);
  }

  private boolean isKnown(Annotation annotation) {
    AnnotationHead last = known.get(annotation.getPictureSha256());
    return last != null
        && last.getWithdrawn() == annotation.getWithdrawn()
        && last.getBoxes().equals(annotation.getBoxes())
        && last.getClasses().equals(annotation.getClasses())
        // A file does not know the time that the topic may know.
        && (annotation.getCaptureTimeMicros() == null
            || Objects.equals(last.getCaptureTimeMicros(), annotation.getCaptureTimeMicros()));
  }

  private static AnnotationHead head(Annotation annotation) {
    return AnnotationHead.newBuilder()
        .setCameraId(annotation.getCameraId())
        .setCaptureTimeMicros(annotation.getCaptureTimeMicros())
        .setPictureSha256(annotation.getPictureSha256())
        .setBoxes(annotation.getBoxes())
        .setClasses(annotation.getClasses())
        .setWithdrawn(annotation.getWithdrawn())
        .setAnnotatedAtMicros(annotation.getAnnotatedAtMicros())
        .build();
  }

  private void readKnown(
      Consumer<byte[], byte[]> consumer, Deserializer<AnnotationHead> deserializer) {
    TopicPartition all = new TopicPartition(topic.name(), partition);
    consumer.assign(List.of(all));
    consumer.seekToBeginning(List.of(all));
    long end = consumer.endOffsets(List.of(all)).getOrDefault(all, 0L);
    long moved = System.nanoTime();
    while (consumer.position(all) < end) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        moved = System.nanoTime();
        remember(record, deserializer);
      }
      if (System.nanoTime() - moved > PATIENCE.toNanos()) {
        throw new TimeoutException(all + ": nothing came for " + PATIENCE.toSeconds() + " s");
      }
    }
  }

  /** What is no annotation is the trainer's to refuse. */
  private void remember(
      ConsumerRecord<byte[], byte[]> record, Deserializer<AnnotationHead> deserializer) {
    if (record.value() == null) {
      return;
    }
    try {
      AnnotationHead head = deserializer.deserialize(topic.name(), record.value());
      if (head.getCameraId().equals(camera.value())) {
        known.put(head.getPictureSha256(), head);
      }
    } catch (SerializationException e) {
      // Passed over.
    }
  }

  private static Producer<byte[], byte[]> producer(KafkaSettings kafka, String transactionalId) {
    Map<String, Object> properties =
        kafka.producerProperties(
            "annotate",
            Map.of(
                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                transactionalId,
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                true,
                ProducerConfig.ACKS_CONFIG,
                "all"));
    properties.putIfAbsent(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_REQUEST_BYTES);
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private static Consumer<byte[], byte[]> consumer(KafkaSettings kafka) {
    Map<String, Object> properties =
        kafka.consumerProperties(
            "annotate",
            Map.of(
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest"));
    properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
    properties.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }
}
