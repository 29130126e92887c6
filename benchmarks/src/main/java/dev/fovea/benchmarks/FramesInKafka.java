package dev.fovea.benchmarks;

import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topic;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.FrameLedger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Frames as ingest would have written them. */
final class FramesInKafka {
  private FramesInKafka() {}

  /** Writes frames of several cameras in turn and returns when all are acknowledged. */
  static void publish(
      KafkaSettings kafka,
      Topic<String, Frame> topic,
      List<byte[]> pictures,
      int cameras,
      int frames)
      throws Exception {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            kafka.producerProperties(
                "bench-frames", Map.of("max.in.flight.requests.per.connection", 1)),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int i = 0; i < frames; i++) {
        Frame frame =
            frame("camera-" + i % cameras, i / cameras + 1, pictures.get(i % pictures.size()));
        sent.add(
            producer.send(
                new ProducerRecord<>(
                    topic.name(),
                    null,
                    frame.getCaptureTimeMicros() / 1_000,
                    frame.getCameraId().getBytes(StandardCharsets.UTF_8),
                    topic.valueSerde().serializer().serialize(topic.name(), frame))));
      }
      for (Future<RecordMetadata> each : sent) {
        each.get();
      }
    }
  }

  private static Frame frame(String camera, long number, byte[] jpeg) {
    long micros = System.currentTimeMillis() * 1_000 + number;
    return Frame.newBuilder()
        .setCameraId(camera)
        .setCaptureTimeMicros(micros)
        .setPublishTimeMicros(micros)
        .setWidthPx(StreetPictures.WIDTH_PX)
        .setHeightPx(StreetPictures.HEIGHT_PX)
        .setImage(ByteBuffer.wrap(jpeg))
        .setLedger(new FrameLedger(number, 0L, Map.of(), number))
        .build();
  }
}
