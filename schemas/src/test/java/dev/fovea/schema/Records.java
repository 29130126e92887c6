package dev.fovea.schema;

import dev.fovea.schema.avro.Annotation;
import dev.fovea.schema.avro.CameraStatus;
import dev.fovea.schema.avro.Count;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.FrameLedger;
import dev.fovea.schema.avro.LabelCandidate;
import dev.fovea.schema.avro.ModelRelease;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.RandomData;

/** Records for tests. */
final class Records {
  /** Every record that is a topic's value. */
  static final List<Class<? extends SpecificRecord>> TYPES =
      List.of(
          Frame.class,
          Detections.class,
          Count.class,
          CameraStatus.class,
          ModelRelease.class,
          Annotation.class,
          LabelCandidate.class);

  static {
    new AvroSerdes(Optional.empty()); // Has Avro trust the generated records.
  }

  private Records() {}

  static Schema schema(Class<? extends SpecificRecord> type) {
    return SpecificData.getForClass(type).getSchema(type);
  }

  /** Records with every field drawn at random; the same for the same seed. */
  static <T extends SpecificRecord> List<T> random(Class<T> type, int count, long seed) {
    SpecificData data = SpecificData.getForClass(type);
    RandomData records = new RandomData(data, schema(type), count, seed, false);
    return Stream.iterate(records.iterator(), i -> i)
        .limit(count)
        .map(i -> type.cast(i.next()))
        .toList();
  }

  static Frame frame(int imageBytes) {
    return Frame.newBuilder()
        .setCameraId("gate-2")
        .setCaptureTimeMicros(1_700_000_000_000_000L)
        .setPublishTimeMicros(1_700_000_000_001_000L)
        .setWidthPx(640)
        .setHeightPx(360)
        .setImage(ByteBuffer.wrap(new byte[imageBytes]))
        .setLedger(
            FrameLedger.newBuilder()
                .setDecoded(3)
                .setSampledOut(1)
                .setDropped(Map.of("backpressure", 1L))
                .setPublished(1)
                .build())
        .build();
  }
}
