package dev.fovea.schema;

import dev.fovea.schema.avro.CameraStatus;
import dev.fovea.schema.avro.Count;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.ModelRelease;
import java.time.Duration;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serdes;

/**
 * Every topic of Fovea, under one prefix. All that is keyed by camera has the same partition count.
 */
public final class Topics {
  /** Largest record: a 4K picture as JPEG fits. */
  public static final int MAX_RECORD_BYTES = 8 * 1024 * 1024;

  private final KafkaSettings kafka;
  private final AvroSerdes serdes;

  public Topics(KafkaSettings kafka) {
    this.kafka = kafka;
    this.serdes = new AvroSerdes(kafka.registryUrl());
  }

  public Topic<String, Frame> frames() {
    return topic("frames", Frame.class, kafka.partitions(), deleteAfter(Duration.ofHours(1)));
  }

  public Topic<String, Detections> detections() {
    return topic(
        "detections", Detections.class, kafka.partitions(), deleteAfter(Duration.ofDays(7)));
  }

  public Topic<String, Count> counts() {
    return topic("counts", Count.class, kafka.partitions(), deleteAfter(Duration.ofDays(30)));
  }

  public Topic<String, CameraStatus> cameras() {
    return topic("cameras", CameraStatus.class, kafka.partitions(), compacted());
  }

  public Topic<String, ModelRelease> models() {
    return topic("models", ModelRelease.class, 1, compacted());
  }

  /**
   * Records that could not be worked on: original key and bytes; headers say where from and why.
   */
  public Topic<byte[], byte[]> deadLetters() {
    return new Topic<>(
        kafka.topicPrefix() + "dead-letters",
        Serdes.ByteArray(),
        Serdes.ByteArray(),
        kafka.partitions(),
        deleteAfter(Duration.ofDays(30)));
  }

  private <T extends SpecificRecord> Topic<String, T> topic(
      String name, Class<T> type, int partitions, Map<String, String> configs) {
    return new Topic<>(
        kafka.topicPrefix() + name, Serdes.String(), serdes.of(type), partitions, configs);
  }

  private static Map<String, String> deleteAfter(Duration retention) {
    return Map.of(
        TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE,
        TopicConfig.RETENTION_MS_CONFIG, Long.toString(retention.toMillis()),
        TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(MAX_RECORD_BYTES));
  }

  private static Map<String, String> compacted() {
    return Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
  }
}
