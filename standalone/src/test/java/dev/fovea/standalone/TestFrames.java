package dev.fovea.standalone;

import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topic;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.FrameLedger;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.function.LongFunction;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Writes frames as ingest does: numbered per camera, capture times strictly increasing. */
final class TestFrames implements AutoCloseable {
  private static final long FRAME_MICROS = 40_000;

  private final Topic<String, Frame> topic;
  private final Producer<byte[], byte[]> producer;
  private final int widthPx;
  private final int heightPx;
  private final LongFunction<byte[]> picture;
  private final Map<String, Long> published = new HashMap<>();
  private final long startMicros;

  /**
   * @param picture the JPEG of a frame, by its number
   */
  TestFrames(KafkaSettings kafka, int widthPx, int heightPx, LongFunction<byte[]> picture) {
    this(kafka, widthPx, heightPx, picture, Duration.ZERO);
  }

  /**
   * @param picture the JPEG of a frame, by its number
   * @param age how long ago they were captured
   */
  TestFrames(
      KafkaSettings kafka, int widthPx, int heightPx, LongFunction<byte[]> picture, Duration age) {
    this.startMicros = (System.currentTimeMillis() - age.toMillis()) * 1_000;
    this.topic = new Topics(kafka).frames();
    this.widthPx = widthPx;
    this.heightPx = heightPx;
    this.picture = picture;
    this.producer =
        new KafkaProducer<>(
            kafka.producerProperties(
                "test-frames",
                // One request at a time: on a topic this new the first may be refused and the
                // second taken, and then an idempotent producer's first is out of order for ever.
                Map.of("max.in.flight.requests.per.connection", 1, "acks", "all")),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /** The next {@code count} frames of each camera, in turn; returns when they are in Kafka. */
  void send(int count, String... cameras) throws Exception {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      for (String camera : cameras) {
        sent.add(producer.send(record(camera, frame(camera))));
      }
    }
    for (Future<RecordMetadata> each : sent) {
      each.get();
    }
  }

  /** A record of the frames topic that is whatever it is; returns its place. */
  RecordMetadata sendRaw(byte[] key, byte @Nullable [] value) throws Exception {
    return producer.send(new ProducerRecord<>(topic.name(), key, value)).get();
  }

  /** One more frame of a camera, with another picture than it should have; returns its place. */
  RecordMetadata sendPicture(String camera, byte[] jpeg) throws Exception {
    Frame frame = frame(camera);
    frame.setImage(ByteBuffer.wrap(jpeg));
    return producer.send(record(camera, frame)).get();
  }

  private ProducerRecord<byte[], byte[]> record(String camera, Frame frame) {
    return new ProducerRecord<>(
        topic.name(),
        null,
        frame.getCaptureTimeMicros() / 1_000,
        camera.getBytes(java.nio.charset.StandardCharsets.UTF_8),
        topic.valueSerde().serializer().serialize(topic.name(), frame));
  }

  private Frame frame(String camera) {
    long number = published.merge(camera, 1L, Long::sum);
    return Frame.newBuilder()
        .setCameraId(camera)
        .setCaptureTimeMicros(startMicros + number * FRAME_MICROS)
        .setPublishTimeMicros(System.currentTimeMillis() * 1_000)
        .setWidthPx(widthPx)
        .setHeightPx(heightPx)
        .setImage(ByteBuffer.wrap(picture.apply(number)))
        .setLedger(new FrameLedger(number, 0L, Map.of(), number))
        .build();
  }

  @Override
  public void close() {
    producer.close();
  }
}
