package dev.fovea.ingest.publish;

import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.utils.Utils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the last record of some keys of a topic by reading each of their partitions backward in
 * growing steps, and decodes only those.
 */
final class TopicTail {
  private static final Logger log = LoggerFactory.getLogger(TopicTail.class);

  private static final long FIRST_STEP = 64;
  private static final int STEP_GROWTH = 4;

  /**
   * A camera that has not been heard of for so many records of its neighbours has long said how it
   * is; then its status does.
   */
  private static final long MOST_RECORDS = 16_384;

  private static final Duration POLL = Duration.ofMillis(500);

  private final KafkaSettings kafka;
  private final Duration timeout;

  /**
   * Makes a reader.
   *
   * @param timeout longest time to search a topic
   */
  TopicTail(KafkaSettings kafka, Duration timeout) {
    this.kafka = kafka;
    this.timeout = timeout;
  }

  /** The last value of each of {@code keys}; keys that were not found are left out. */
  <V> Map<String, V> lastOf(Topic<String, V> topic, Collection<String> keys) {
    Map<String, V> found = new HashMap<>();
    Map<String, Object> properties =
        kafka.consumerProperties(
            "ingest-resume",
            Map.of(
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest",
                ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
                false,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_uncommitted"));
    properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
    properties.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    long deadline = System.nanoTime() + timeout.toNanos();
    try (Consumer<String, byte[]> consumer =
        new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer())) {
      byPartition(consumer, topic.name(), keys)
          .forEach(
              (partition, wanted) ->
                  scan(consumer, partition, wanted, deadline)
                      .forEach(
                          (key, bytes) ->
                              found.put(
                                  key,
                                  topic
                                      .valueSerde()
                                      .deserializer()
                                      .deserialize(topic.name(), bytes))));
    }
    return found;
  }

  private static Map<TopicPartition, Set<String>> byPartition(
      Consumer<?, ?> consumer, String topic, Collection<String> keys) {
    int partitions = consumer.partitionsFor(topic).size();
    Map<TopicPartition, Set<String>> result = new HashMap<>();
    for (String key : keys) {
      byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
      int partition = Utils.toPositive(Utils.murmur2(bytes)) % partitions;
      result.computeIfAbsent(new TopicPartition(topic, partition), p -> new HashSet<>()).add(key);
    }
    return result;
  }

  private static Map<String, byte[]> scan(
      Consumer<String, byte[]> consumer,
      TopicPartition partition,
      Set<String> keys,
      long deadlineNanos) {
    consumer.assign(List.of(partition));
    long begin = offset(consumer.beginningOffsets(List.of(partition)), partition);
    long end = offset(consumer.endOffsets(List.of(partition)), partition);
    Set<String> wanted = new HashSet<>(keys);
    Map<String, byte[]> found = new HashMap<>();
    long upper = end;
    long step = FIRST_STEP;
    while (upper > begin && !wanted.isEmpty() && end - upper < MOST_RECORDS) {
      long lower = Math.max(begin, upper - step);
      Map<String, byte[]> last = lastBetween(consumer, partition, lower, upper, deadlineNanos);
      last.keySet().retainAll(wanted);
      wanted.removeAll(last.keySet());
      found.putAll(last);
      upper = lower;
      step *= STEP_GROWTH;
    }
    return found;
  }

  private static long offset(Map<TopicPartition, Long> offsets, TopicPartition partition) {
    return Objects.requireNonNull(offsets.get(partition), partition + " has no offset");
  }

  private static Map<String, byte[]> lastBetween(
      Consumer<String, byte[]> consumer,
      TopicPartition partition,
      long lower,
      long upper,
      long deadlineNanos) {
    Map<String, byte[]> last = new HashMap<>();
    consumer.seek(partition, lower);
    while (consumer.position(partition) < upper) {
      if (System.nanoTime() - deadlineNanos > 0) {
        throw new IllegalStateException(
            partition + " could not be read in time to go on from where the cameras were");
      }
      for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
        if (record.offset() < upper && record.key() != null && record.value() != null) {
          last.put(record.key(), record.value());
        }
      }
    }
    log.debug("{}: read {} to {}", partition, lower, upper);
    return last;
  }
}
