package dev.fovea.standalone.sink;

import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topic;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.CameraState;
import dev.fovea.schema.avro.CameraStatus;
import dev.fovea.schema.avro.Detection;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.FrameLedger;
import dev.fovea.schema.avro.Outcome;
import dev.fovea.schema.avro.StageTimings;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Stands in for ingest and detector: numbered frames of 64 × 36 pixels and their answers, each
 * answer committed in a transaction as the detector does.
 */
final class Records implements AutoCloseable {
  private static final int WIDTH = 64;
  private static final int HEIGHT = 36;

  private final Topics topics;
  private final KafkaProducer<byte[], byte[]> plain;
  private final KafkaProducer<byte[], byte[]> transactional;

  Records(KafkaSettings kafka) {
    this.topics = new Topics(kafka);
    this.plain = producer(kafka, Map.of());
    this.transactional = producer(kafka, Map.of("transactional.id", "records"));
    transactional.initTransactions();
  }

  private static KafkaProducer<byte[], byte[]> producer(
      KafkaSettings kafka, Map<String, Object> own) {
    return new KafkaProducer<>(
        kafka.clientProperties(own), new ByteArraySerializer(), new ByteArraySerializer());
  }

  static long nowMicros() {
    Instant now = Instant.now();
    return TimeUnit.SECONDS.toMicros(now.getEpochSecond()) + now.getNano() / 1_000;
  }

  /** A picture whose colour is its number's. */
  static Frame frame(String camera, long number, long captureTimeMicros) {
    BufferedImage picture = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    var graphics = picture.createGraphics();
    graphics.setColor(new Color((int) (number * 7_919 % 0xFFFFFF)));
    graphics.fillRect(0, 0, WIDTH, HEIGHT);
    graphics.dispose();
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    try {
      ImageIO.write(picture, "jpeg", jpeg);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Frame(
        camera,
        captureTimeMicros,
        captureTimeMicros,
        WIDTH,
        HEIGHT,
        ByteBuffer.wrap(jpeg.toByteArray()),
        false,
        ledger(number),
        null);
  }

  /** Of each frame published, one more was sampled out and every tenth dropped. */
  static FrameLedger ledger(long published) {
    long dropped = published / 10;
    return new FrameLedger(
        2 * published + dropped, published, Map.of("backpressure", dropped), published);
  }

  static Detections answer(Frame frame, Outcome outcome, String... labels) {
    List<Detection> found = new ArrayList<>();
    for (int i = 0; i < labels.length; i++) {
      found.add(new Detection(labels[i], 0.9f - 0.1f * i, 4f * i, 2f, 4f * i + 10f, 20f));
    }
    return new Detections(
        frame.getCameraId(),
        frame.getCaptureTimeMicros(),
        frame.getLedger().getPublished(),
        0,
        0L,
        frame.getWidthPx(),
        frame.getHeightPx(),
        outcome,
        found,
        "street",
        "1",
        "onnxruntime:cpu",
        new StageTimings(1L, 2L, 3L, 4L, 5L),
        outcome == Outcome.UNDECODABLE ? "not a JPEG" : null);
  }

  CameraStatus status(String camera, CameraState state, long published) {
    long now = nowMicros();
    return new CameraStatus(
        camera,
        state,
        state == CameraState.LIVE ? null : "connection refused",
        now,
        now,
        null,
        0,
        null,
        "synthetic",
        WIDTH,
        HEIGHT,
        10f,
        0L,
        ledger(published));
  }

  void send(Frame frame) {
    send(plain, topics.frames(), frame.getCameraId(), frame);
  }

  void send(CameraStatus status) {
    send(plain, topics.cameras(), status.getCameraId(), status);
  }

  /** Sends answers in one transaction. */
  void send(Detections... answers) {
    transactional.beginTransaction();
    for (Detections answer : answers) {
      send(transactional, topics.detections(), answer.getCameraId(), answer);
    }
    transactional.commitTransaction();
  }

  /** Sends answers and takes them back. */
  void sendAndAbort(Detections... answers) {
    transactional.beginTransaction();
    for (Detections answer : answers) {
      send(transactional, topics.detections(), answer.getCameraId(), answer);
    }
    transactional.flush();
    transactional.abortTransaction();
  }

  /** Sends a frame and its answer. */
  void sendAnswered(Frame frame, Outcome outcome, String... labels) {
    send(frame);
    send(answer(frame, outcome, labels));
  }

  /** Sends bytes that are no record to the detections topic. */
  void sendPoison(String camera, byte[] value) {
    var unused =
        plain.send(
            new ProducerRecord<>(
                topics.detections().name(), camera.getBytes(StandardCharsets.UTF_8), value));
    plain.flush();
  }

  private static <T> void send(
      KafkaProducer<byte[], byte[]> producer, Topic<String, T> topic, String key, T value) {
    byte[] bytes = topic.valueSerde().serializer().serialize(topic.name(), value);
    var unused =
        producer.send(
            new ProducerRecord<>(topic.name(), key.getBytes(StandardCharsets.UTF_8), bytes));
    producer.flush();
  }

  @Override
  public void close() {
    plain.close();
    transactional.close();
  }
}
