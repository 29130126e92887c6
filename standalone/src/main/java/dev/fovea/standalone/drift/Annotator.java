package dev.fovea.standalone.drift;

import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topic;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.Annotation;
import dev.fovea.schema.avro.AnnotationSource;
import dev.fovea.schema.avro.LabelCandidate;
import dev.fovea.schema.avro.LabelledBox;
import dev.fovea.standalone.drift.Proposals.Proposal;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;

/** Plays the person who labels: says what is in a frame, or, on a bad day, what is in another. */
final class Annotator implements AutoCloseable {
  private final Topic<String, Annotation> topic;
  private final KafkaProducer<String, Annotation> producer;
  private final List<String> classes;

  /**
   * @param classes that are looked for
   */
  Annotator(KafkaSettings kafka, List<String> classes) {
    this.topic = new Topics(kafka).annotations();
    this.classes = List.copyOf(classes);
    this.producer =
        new KafkaProducer<>(
            kafka.producerProperties("drift-annotator", Map.of()),
            topic.keySerde().serializer(),
            topic.valueSerde().serializer());
  }

  /** Labels the frames as they are; returns when Kafka has all of it. */
  void label(List<Proposal> frames) throws InterruptedException {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (Proposal frame : frames) {
      sent.add(send(frame.frame(), frame.truth()));
    }
    await(sent);
  }

  /**
   * Labels each frame with the boxes of another, and each box with the next class: nothing in the
   * pictures bears it out.
   */
  void labelShuffled(List<Proposal> frames, long seed) throws InterruptedException {
    List<Proposal> circle = new ArrayList<>(frames);
    Collections.shuffle(circle, new Random(seed));
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (int i = 0; i < circle.size(); i++) {
      Proposal other = circle.get((i + 1) % circle.size());
      sent.add(send(circle.get(i).frame(), other.truth().stream().map(this::misnamed).toList()));
    }
    await(sent);
  }

  private static void await(List<Future<RecordMetadata>> sent) throws InterruptedException {
    for (Future<RecordMetadata> one : sent) {
      try {
        one.get();
      } catch (ExecutionException e) {
        throw new KafkaException("an annotation was not written: " + e.getCause(), e);
      }
    }
  }

  private LabelledBox misnamed(LabelledBox box) {
    String wrong = classes.get((classes.indexOf(box.getLabel()) + 1) % classes.size());
    return new LabelledBox(wrong, box.getX1(), box.getY1(), box.getX2(), box.getY2());
  }

  private Future<RecordMetadata> send(LabelCandidate frame, List<LabelledBox> boxes) {
    Annotation annotation =
        Annotation.newBuilder()
            .setCameraId(frame.getCameraId())
            .setCaptureTimeMicros(frame.getCaptureTimeMicros())
            .setPictureSha256(sha256(frame.getImage()))
            .setImage(frame.getImage())
            .setWidthPx(frame.getWidthPx())
            .setHeightPx(frame.getHeightPx())
            .setBoxes(boxes)
            .setClasses(classes)
            .setAuthor("fovea demo --drift")
            .setSource(AnnotationSource.SYNTHETIC)
            .setAnnotatedAtMicros(ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()))
            .build();
    return producer.send(new ProducerRecord<>(topic.name(), frame.getCameraId(), annotation));
  }

  /** As annotations name a picture. */
  static String sha256(ByteBuffer image) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(image.duplicate());
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public void close() {
    producer.close();
  }
}
