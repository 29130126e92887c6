package dev.fovea.schema;

import dev.fovea.schema.avro.Annotation;
import dev.fovea.schema.avro.AnnotationHead;
import dev.fovea.schema.avro.AnswerHead;
import dev.fovea.schema.avro.CameraStatus;
import dev.fovea.schema.avro.Count;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.FrameHead;
import dev.fovea.schema.avro.LabelCandidate;
import dev.fovea.schema.avro.ModelRelease;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * Every topic of Fovea, under one prefix. All that is keyed by camera has the same partition count,
 * so that a camera's records lie in partitions of the same number.
 */
public final class Topics {
  /** Largest record: a 4K picture as JPEG fits. */
  public static final int MAX_RECORD_BYTES = 8 * 1024 * 1024;

  /** Largest dead letter: the largest record, and the headers that say where it is from and why. */
  public static final int MAX_DEAD_LETTER_BYTES = MAX_RECORD_BYTES + 64 * 1024;

  /** Names, without prefix, of the topics whose partition counts must be the same. */
  static final Set<String> KEYED_BY_CAMERA =
      Set.of("frames", "detections", "counts", "cameras", "annotations", "label-candidates");

  private final KafkaSettings kafka;
  private final AvroSerdes serdes;

  public Topics(KafkaSettings kafka) {
    this.kafka = kafka;
    this.serdes = new AvroSerdes(kafka.registryUrl());
  }

  public Topic<String, Frame> frames() {
    return byCamera("frames", Frame.class);
  }

  public Topic<String, Detections> detections() {
    return byCamera("detections", Detections.class);
  }

  /** Reads the values of {@link #frames} without their pictures. */
  public Deserializer<FrameHead> frameHeads() {
    return serdes.view(FrameHead.class, Frame.class);
  }

  /** Reads the values of {@link #detections} without their objects. */
  public Deserializer<AnswerHead> answerHeads() {
    return serdes.view(AnswerHead.class, Detections.class);
  }

  public Topic<String, Count> counts() {
    return byCamera("counts", Count.class);
  }

  /** Compacted: the last word of each camera. */
  public Topic<String, CameraStatus> cameras() {
    return byCamera("cameras", CameraStatus.class);
  }

  /** Kept for ever: what models are trained on. */
  public Topic<String, Annotation> annotations() {
    return byCamera("annotations", Annotation.class);
  }

  /** Reads the values of {@link #annotations} without their pictures. */
  public Deserializer<AnnotationHead> annotationHeads() {
    return serdes.view(AnnotationHead.class, Annotation.class);
  }

  public Topic<String, LabelCandidate> labelCandidates() {
    return byCamera("label-candidates", LabelCandidate.class);
  }

  /** Compacted: the last release said of each model. One partition, so that all see one order. */
  public Topic<String, ModelRelease> models() {
    return topic("models", Serdes.String(), serdes.of(ModelRelease.class), 1);
  }

  /**
   * Records that could not be worked on: original key and bytes; headers say where from and why.
   */
  public Topic<byte[], byte[]> deadLetters() {
    return topic(
        "dead-letters",
        Serdes.ByteArray(),
        Serdes.ByteArray(),
        kafka.partitions(),
        MAX_DEAD_LETTER_BYTES);
  }

  private <T extends SpecificRecord> Topic<String, T> byCamera(String name, Class<T> type) {
    return topic(name, Serdes.String(), serdes.of(type), kafka.partitions());
  }

  private <K, V> Topic<K, V> topic(String name, Serde<K> key, Serde<V> value, int partitions) {
    return topic(name, key, value, partitions, MAX_RECORD_BYTES);
  }

  private <K, V> Topic<K, V> topic(
      String name, Serde<K> key, Serde<V> value, int partitions, int maxRecordBytes) {
    TopicRetention retention = kafka.topics().get(name);
    if (retention == null) {
      throw new IllegalArgumentException("kafka.topics." + name + ": not set");
    }
    Map<String, String> configs = new HashMap<>(retention.asTopicConfig());
    configs.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(maxRecordBytes));
    return new Topic<>(kafka.topicPrefix() + name, key, value, partitions, configs);
  }
}
