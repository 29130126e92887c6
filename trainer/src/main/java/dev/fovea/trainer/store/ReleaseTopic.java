package dev.fovea.trainer.store;

import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topic;
import dev.fovea.schema.avro.ModelRelease;
import dev.fovea.schema.avro.ReleaseStage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models topic, read and written. It is compacted by model name: the last LIVE release of a
 * name is the one that detectors serve. Clients are made for each call, since calls are hours
 * apart.
 */
public final class ReleaseTopic {
  private static final Logger log = LoggerFactory.getLogger(ReleaseTopic.class);

  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final KafkaSettings kafka;
  private final Topic<String, ModelRelease> topic;
  private final String clientId;

  /**
   * @param topic the models topic; exists
   * @param clientId how Kafka's logs call the clients
   */
  public ReleaseTopic(KafkaSettings kafka, Topic<String, ModelRelease> topic, String clientId) {
    this.kafka = kafka;
    this.topic = topic;
    this.clientId = clientId;
  }

  /**
   * A release that was said.
   *
   * @param at when
   */
  public record Said(Instant at, ModelRelease release) {}

  /**
   * Everything the topic still has, oldest first; what cannot be read is left out and logged.
   *
   * @throws KafkaException if the topic cannot be read to its end within half a minute
   */
  public List<Said> read() {
    Map<String, Object> properties =
        kafka.consumerProperties(
            clientId + "-models",
            Map.of(
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed"));
    properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
    properties.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    List<Said> said = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic.name(), LONGEST).stream()
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, LONGEST);
      long deadline = System.nanoTime() + LONGEST.toNanos();
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
        if (System.nanoTime() > deadline) {
          throw new KafkaException(
              topic.name() + " could not be read to its end in " + LONGEST.toSeconds() + " s");
        }
        consumer.poll(POLL).forEach(record -> release(record).ifPresent(said::add));
      }
    }
    return said;
  }

  private Optional<Said> release(ConsumerRecord<byte[], byte[]> record) {
    try {
      ModelRelease release =
          topic
              .valueSerde()
              .deserializer()
              .deserialize(record.topic(), record.headers(), record.value());
      // Detectors look at the key; a release under another's name is none.
      if (release != null
          && record.key() != null
          && release.getName().equals(new String(record.key(), StandardCharsets.UTF_8))) {
        return Optional.of(new Said(Instant.ofEpochMilli(record.timestamp()), release));
      }
    } catch (RuntimeException e) {
      log.warn("{}: the record at offset {} is no release: {}", topic.name(), record.offset(), e);
    }
    return Optional.empty();
  }

  /** The release of a model that detectors serve. */
  public Optional<ModelRelease> live(String name) {
    return live(read(), name);
  }

  /** The same of what was read. */
  public static Optional<ModelRelease> live(List<Said> said, String name) {
    return said.stream()
        .map(Said::release)
        .filter(r -> r.getName().equals(name) && r.getStage() == ReleaseStage.LIVE)
        .reduce((earlier, later) -> later);
  }

  /**
   * Says a release; returns when every replica in sync has it.
   *
   * @throws KafkaException if Kafka does not take it
   */
  public void say(ModelRelease release) throws InterruptedException {
    try (KafkaProducer<String, ModelRelease> producer =
        new KafkaProducer<>(
            kafka.producerProperties(
                clientId + "-models", Map.of(ProducerConfig.ACKS_CONFIG, "all")),
            topic.keySerde().serializer(),
            topic.valueSerde().serializer())) {
      producer.send(new ProducerRecord<>(topic.name(), release.getName(), release)).get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new KafkaException(topic.name() + ": " + cause.getMessage(), cause);
    }
  }
}
