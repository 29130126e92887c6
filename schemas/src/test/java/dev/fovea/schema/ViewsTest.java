package dev.fovea.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.fovea.schema.avro.Annotation;
import dev.fovea.schema.avro.AnnotationHead;
import dev.fovea.schema.avro.AnswerHead;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.FrameHead;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.RandomData;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.junit.jupiter.api.Test;

/** Frames and answers read in part. */
class ViewsTest {
  private static final AvroSerdes SERDES = new AvroSerdes(Optional.empty());
  private static final String TOPIC = "fovea.test";

  private final Deserializer<FrameHead> frameHeads = SERDES.view(FrameHead.class, Frame.class);
  private final Deserializer<AnswerHead> answerHeads =
      SERDES.view(AnswerHead.class, Detections.class);

  private final Deserializer<AnnotationHead> annotationHeads =
      SERDES.view(AnnotationHead.class, Annotation.class);

  @Test
  void aViewsFieldsAreTheRecords() {
    assertIsView(Records.schema(AnnotationHead.class), Records.schema(Annotation.class));
    assertIsView(Records.schema(FrameHead.class), Records.schema(Frame.class));
    assertIsView(Records.schema(AnswerHead.class), Records.schema(Detections.class));
  }

  private static void assertIsView(Schema view, Schema record) {
    assertThat(view.getAliases()).contains(record.getFullName());
    for (Schema.Field field : view.getFields()) {
      assertThat(record.getField(field.name())).as(field.name()).isNotNull();
      assertThat(field.schema()).as(field.name()).isEqualTo(record.getField(field.name()).schema());
    }
  }

  @Test
  void aFramesHeadIsWhatTheFrameSays() {
    long seed = System.nanoTime();
    System.out.println("ViewsTest.aFramesHeadIsWhatTheFrameSays seed " + seed);
    for (Frame frame : Records.random(Frame.class, 100, seed)) {
      FrameHead head = frameHeads.deserialize(TOPIC, bytes(Frame.class, frame));

      assertThat(head.getCameraId()).isEqualTo(frame.getCameraId());
      assertThat(head.getCaptureTimeMicros()).isEqualTo(frame.getCaptureTimeMicros());
      assertThat(head.getPublishTimeMicros()).isEqualTo(frame.getPublishTimeMicros());
      assertThat(head.getLedger()).isEqualTo(frame.getLedger());
    }
  }

  @Test
  void anAnswersHeadIsWhatTheAnswerSays() {
    long seed = System.nanoTime();
    System.out.println("ViewsTest.anAnswersHeadIsWhatTheAnswerSays seed " + seed);
    for (Detections answer : Records.random(Detections.class, 100, seed)) {
      AnswerHead head = answerHeads.deserialize(TOPIC, bytes(Detections.class, answer));

      assertThat(head.getCameraId()).isEqualTo(answer.getCameraId());
      assertThat(head.getCaptureTimeMicros()).isEqualTo(answer.getCaptureTimeMicros());
      assertThat(head.getFrameNumber()).isEqualTo(answer.getFrameNumber());
      assertThat(head.getFramePartition()).isEqualTo(answer.getFramePartition());
      assertThat(head.getFrameOffset()).isEqualTo(answer.getFrameOffset());
      assertThat(head.getOutcome()).isEqualTo(answer.getOutcome());
    }
  }

  @Test
  void anAnnotationsHeadIsWhatTheAnnotationSays() {
    long seed = System.nanoTime();
    System.out.println("ViewsTest.anAnnotationsHeadIsWhatTheAnnotationSays seed " + seed);
    for (Annotation annotation : Records.random(Annotation.class, 100, seed)) {
      AnnotationHead head = annotationHeads.deserialize(TOPIC, bytes(Annotation.class, annotation));

      assertThat(head.getCameraId()).isEqualTo(annotation.getCameraId());
      assertThat(head.getCaptureTimeMicros()).isEqualTo(annotation.getCaptureTimeMicros());
      assertThat(head.getPictureSha256()).isEqualTo(annotation.getPictureSha256());
      assertThat(head.getBoxes()).isEqualTo(annotation.getBoxes());
      assertThat(head.getClasses()).isEqualTo(annotation.getClasses());
      assertThat(head.getWithdrawn()).isEqualTo(annotation.getWithdrawn());
      assertThat(head.getAnnotatedAtMicros()).isEqualTo(annotation.getAnnotatedAtMicros());
    }
  }

  @Test
  void everyReleasedVersionHasAView() throws IOException {
    assertViewOfEveryVersion(Frame.class, frameHeads);
    assertViewOfEveryVersion(Annotation.class, annotationHeads);
    assertViewOfEveryVersion(Detections.class, answerHeads);
  }

  private static <T extends SpecificRecord> void assertViewOfEveryVersion(
      Class<? extends SpecificRecord> type, Deserializer<T> view) throws IOException {
    for (Schema version : ReleasedSchemas.of(Records.schema(type))) {
      BinaryMessageEncoder<GenericRecord> encoder =
          new BinaryMessageEncoder<>(GenericData.get(), version);
      for (Object record : new RandomData(version, 20, 7L)) {
        byte[] bytes = encoder.encode((GenericRecord) record).array();
        T head = view.deserialize(TOPIC, bytes);
        SpecificRecord whole = SERDES.of(type).deserializer().deserialize(TOPIC, bytes);
        for (Schema.Field field : head.getSchema().getFields()) {
          assertThat(head.get(field.pos()))
              .as(field.name())
              .isEqualTo(whole.get(whole.getSchema().getField(field.name()).pos()));
        }
      }
    }
  }

  @Test
  void aPictureIsSkippedAndACutRecordIsRefused() {
    byte[] bytes = bytes(Frame.class, Records.frame(1_000_000));
    frameHeads.deserialize(TOPIC, bytes);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    long before = threads.getCurrentThreadAllocatedBytes();
    frameHeads.deserialize(TOPIC, bytes);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(10_000);

    for (int length : new int[] {0, 9, 20, 500_000, bytes.length - 1}) {
      assertThatThrownBy(() -> frameHeads.deserialize(TOPIC, Arrays.copyOf(bytes, length)))
          .isInstanceOf(SerializationException.class);
    }
  }

  private static <T extends SpecificRecord> byte[] bytes(Class<T> type, T record) {
    return SERDES.of(type).serializer().serialize(TOPIC, record);
  }
}
