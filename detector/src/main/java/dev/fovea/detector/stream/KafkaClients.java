package dev.fovea.detector.stream;

import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topics;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The detector's Kafka clients. Each is made of three layers: our defaults, the {@code kafka} block
 * on top, and over both what the guarantees hang on, which nobody can change.
 */
public final class KafkaClients {
  /** A poll brings few frames, so that the queue's bounds are nearly kept; see FrameQueue. */
  private static final int MAX_POLL_RECORDS = 32;

  private static final int MAX_FETCH_BYTES = 2 * Topics.MAX_RECORD_BYTES;
  private static final int MAX_PARTITION_FETCH_BYTES = 1024 * 1024;

  /**
   * The producer waits this long between a transaction's requests where the coordinator is still at
   * the last one; the client's default of 100 ms would be the longest part of a transaction.
   */
  private static final int RETRY_BACKOFF_MILLIS = 5;

  private final KafkaSettings kafka;
  private final StreamSettings settings;
  private final String workerName;

  /**
   * @param anonymousName what tells this worker from the others where its settings give no name
   */
  public KafkaClients(KafkaSettings kafka, StreamSettings settings, String anonymousName) {
    this.kafka = kafka;
    this.settings = settings;
    this.workerName = settings.groupId() + "-" + settings.instanceId().orElse(anonymousName);
  }

  /** The group's consumer of frames. */
  Consumer<byte[], byte[]> frameConsumer() {
    Map<String, Object> properties =
        kafka.consumerProperties(
            workerName,
            Map.of(
                ConsumerConfig.GROUP_ID_CONFIG,
                settings.groupId(),
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                // Where to start is FramePoller's: it tells a new group from frames that are gone.
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "none"));
    settings
        .instanceId()
        .ifPresent(id -> properties.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, id));
    properties.putIfAbsent(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, MAX_POLL_RECORDS);
    properties.putIfAbsent(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, MAX_FETCH_BYTES);
    properties.putIfAbsent(
        ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, MAX_PARTITION_FETCH_BYTES);
    if (isClassic(properties)) {
      properties.putIfAbsent(
          ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
          List.of(CooperativeStickyAssignor.class));
    }
    return consumer(properties);
  }

  /** A reader of all partitions of a topic, outside any group. */
  Consumer<byte[], byte[]> reader(String clientId) {
    Map<String, Object> properties =
        kafka.consumerProperties(
            workerName + "-" + clientId,
            Map.of(
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest"));
    properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
    properties.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    return consumer(properties);
  }

  /** This worker's transactional id. */
  String transactionalId() {
    return workerName;
  }

  /** A producer with this worker's transactional id; fences the one before. */
  Producer<byte[], byte[]> transactionalProducer() {
    Map<String, Object> properties =
        kafka.producerProperties(
            workerName,
            Map.of(
                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                transactionalId(),
                ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                Math.toIntExact(settings.transactionTimeout().toMillis()),
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                true,
                ProducerConfig.ACKS_CONFIG,
                "all"));
    properties.putIfAbsent(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, RETRY_BACKOFF_MILLIS);
    properties.putIfAbsent(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_FETCH_BYTES);
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private static Consumer<byte[], byte[]> consumer(Map<String, Object> properties) {
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** The new protocol has its assignors on the broker and refuses the old protocol's settings. */
  private static boolean isClassic(Map<String, Object> properties) {
    Object protocol =
        properties.getOrDefault(ConsumerConfig.GROUP_PROTOCOL_CONFIG, GroupProtocol.CLASSIC.name());
    return GroupProtocol.CLASSIC.name().equals(protocol.toString().toUpperCase(Locale.ROOT));
  }
}
