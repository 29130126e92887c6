package dev.fovea.standalone.audit;

import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topic;
import dev.fovea.schema.TopicCreator;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.CameraState;
import dev.fovea.schema.avro.CameraStatus;
import dev.fovea.schema.avro.Detection;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.FrameLedger;
import dev.fovea.schema.avro.Outcome;
import dev.fovea.schema.avro.StageTimings;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Topics under a prefix of their own, written to record by record: what ingest and detector would
 * write, and what they never must.
 */
final class HandMadeTopics implements AutoCloseable {
  /** A frame and where it lies. */
  record Placed(Frame frame, int partition, long offset) {}

  private static final long FRAME_MICROS = 40_000;

  final KafkaSettings kafka;
  private final Topics topics;
  private final Admin admin;
  private final Producer<byte[], byte[]> plain;
  private final Producer<byte[], byte[]> transactional;
  private final Map<String, Long> published = new HashMap<>();
  private final long startMicros;

  /**
   * @param start capture time of number 0
   */
  HandMadeTopics(String bootstrapServers, String prefix, Instant start) {
    this.kafka =
        new KafkaSettings(
            prefix, 2, (short) -1, Optional.empty(), Map.of("bootstrap.servers", bootstrapServers));
    this.topics = new Topics(kafka);
    this.admin = Admin.create(kafka.clientProperties(Map.of()));
    this.plain = producer(Map.of("max.in.flight.requests.per.connection", 1, "acks", "all"));
    this.transactional = producer(Map.of("transactional.id", prefix));
    this.startMicros = start.toEpochMilli() * 1_000;
  }

  private Producer<byte[], byte[]> producer(Map<String, Object> own) {
    return new KafkaProducer<>(
        kafka.clientProperties(own), new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Creates all of them. */
  HandMadeTopics create() throws InterruptedException {
    create(topics.frames(), topics.detections(), topics.deadLetters(), topics.cameras());
    return this;
  }

  void create(Topic<?, ?>... some) throws InterruptedException {
    new TopicCreator(admin, kafka).ensure(List.of(some));
    transactional.initTransactions();
  }

  Topics topics() {
    return topics;
  }

  /** When a frame of a number is taken. */
  Instant timeOf(long number) {
    return Instant.ofEpochMilli((startMicros + number * FRAME_MICROS) / 1_000);
  }

  /** The next frame of a camera; its ledger balances. */
  Frame next(String camera) {
    long number = published.merge(camera, 1L, Long::sum);
    return frame(camera, number, ledger(number));
  }

  /** A number is given and its frame never written. */
  void skip(String camera) {
    published.merge(camera, 1L, Long::sum);
  }

  /** Of each published frame another was sampled out, and of ten one was dropped. */
  static FrameLedger ledger(long published) {
    long dropped = published / 10;
    return new FrameLedger(
        2 * published + dropped, published, Map.of("backpressure", dropped), published);
  }

  Frame frame(String camera, long number, FrameLedger ledger) {
    return Frame.newBuilder()
        .setCameraId(camera)
        .setCaptureTimeMicros(startMicros + number * FRAME_MICROS)
        .setPublishTimeMicros(System.currentTimeMillis() * 1_000)
        .setWidthPx(64)
        .setHeightPx(36)
        .setImage(ByteBuffer.wrap(new byte[] {1, 2, 3}))
        .setLedger(ledger)
        .build();
  }

  Placed publish(Frame frame) throws Exception {
    RecordMetadata at =
        send(
            plain,
            topics.frames().name(),
            null,
            frame.getCaptureTimeMicros() / 1_000,
            frame.getCameraId(),
            topics.frames().valueSerde().serializer().serialize("frames", frame));
    return new Placed(frame, at.partition(), at.offset());
  }

  Placed publishNext(String camera) throws Exception {
    return publish(next(camera));
  }

  /** Bytes on the frames topic that are no frame. */
  RecordMetadata publishGarbage(String camera, byte @Nullable [] value, Instant time)
      throws Exception {
    return send(plain, topics.frames().name(), null, time.toEpochMilli(), camera, value);
  }

  /** Answers in one transaction. */
  void answer(Outcome outcome, Placed... frames) throws Exception {
    begin(outcome, frames);
    commitAnswer();
  }

  /** Answers in a transaction that stays open. */
  void beginAnswer(Placed... frames) throws Exception {
    begin(Outcome.DETECTED, frames);
  }

  void commitAnswer() {
    transactional.commitTransaction();
  }

  private void begin(Outcome outcome, Placed... frames) throws Exception {
    transactional.beginTransaction();
    for (Placed frame : frames) {
      sendAnswer(answerOf(frame, outcome));
    }
  }

  /** Any answer, whatever it says. */
  void answer(Detections answer) throws Exception {
    transactional.beginTransaction();
    sendAnswer(answer);
    transactional.commitTransaction();
  }

  /** Answers in a transaction that is aborted. */
  void answerAndAbort(Placed... frames) throws Exception {
    begin(Outcome.DETECTED, frames);
    transactional.abortTransaction();
  }

  private void sendAnswer(Detections answer) throws Exception {
    send(
        transactional,
        topics.detections().name(),
        null,
        answer.getCaptureTimeMicros() / 1_000,
        answer.getCameraId(),
        topics.detections().valueSerde().serializer().serialize("detections", answer));
  }

  static Detections answerOf(Placed placed, Outcome outcome) {
    Frame frame = placed.frame();
    return new Detections(
        frame.getCameraId(),
        frame.getCaptureTimeMicros(),
        frame.getLedger().getPublished(),
        placed.partition(),
        placed.offset(),
        frame.getWidthPx(),
        frame.getHeightPx(),
        outcome,
        outcome == Outcome.DETECTED
            ? List.of(new Detection("car", 0.9f, 1f, 2f, 30f, 20f))
            : List.of(),
        "street",
        "1",
        "onnxruntime:cpu",
        new StageTimings(1L, 2L, 3L, 4L, 5L),
        outcome == Outcome.UNDECODABLE ? "not a JPEG" : null);
  }

  /** Bytes on the detections topic that are no answer. */
  void answerGarbage(String camera, Instant time) throws Exception {
    send(
        plain, topics.detections().name(), null, time.toEpochMilli(), camera, new byte[] {9, 9, 9});
  }

  /** A dead letter of a record of the frames topic. */
  void deadLetter(String camera, int partition, long offset, Instant time) throws Exception {
    ProducerRecord<byte[], byte[]> letter =
        new ProducerRecord<>(
            topics.deadLetters().name(),
            null,
            time.toEpochMilli(),
            camera.getBytes(StandardCharsets.UTF_8),
            new byte[] {1});
    Map.of(
            "topic", topics.frames().name(),
            "partition", Integer.toString(partition),
            "offset", Long.toString(offset),
            "stage", "read")
        .forEach(
            (name, value) -> letter.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
    plain.send(letter).get();
  }

  void deadLetter(Placed placed) throws Exception {
    deadLetter(
        placed.frame().getCameraId(),
        placed.partition(),
        placed.offset(),
        Instant.ofEpochMilli(placed.frame().getCaptureTimeMicros() / 1_000));
  }

  void status(String camera, FrameLedger ledger) throws Exception {
    CameraStatus status =
        CameraStatus.newBuilder()
            .setCameraId(camera)
            .setState(CameraState.LIVE)
            .setSinceMicros(startMicros)
            .setReportedAtMicros(startMicros)
            .setAttempt(0)
            .setSource("synthetic")
            .setWidthPx(64)
            .setHeightPx(36)
            .setFramesPerSecond(10f)
            .setCorruptFrames(0L)
            .setLedger(ledger)
            .build();
    send(
        plain,
        topics.cameras().name(),
        null,
        startMicros / 1_000,
        camera,
        topics.cameras().valueSerde().serializer().serialize("cameras", status));
  }

  /** As retention does: frames of a partition before an offset are gone. */
  void deleteFramesBefore(int partition, long offset) throws Exception {
    delete(topics.frames().name(), partition, offset);
  }

  void deleteAnswersBefore(int partition, long offset) throws Exception {
    delete(topics.detections().name(), partition, offset);
  }

  private void delete(String topic, int partition, long offset) throws Exception {
    admin
        .deleteRecords(
            Map.of(new TopicPartition(topic, partition), RecordsToDelete.beforeOffset(offset)))
        .all()
        .get();
  }

  private static RecordMetadata send(
      Producer<byte[], byte[]> producer,
      String topic,
      @Nullable Integer partition,
      long timeMillis,
      String key,
      byte @Nullable [] value)
      throws ExecutionException, InterruptedException {
    return producer
        .send(
            new ProducerRecord<>(
                topic, partition, timeMillis, key.getBytes(StandardCharsets.UTF_8), value))
        .get();
  }

  @Override
  public void close() {
    plain.close();
    transactional.close();
    admin.close();
  }
}
