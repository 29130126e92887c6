package dev.fovea.detector.stream;

import dev.fovea.schema.CameraId;
import dev.fovea.schema.avro.Frame;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;

/** Reads a {@code Frame} out of a record and holds it to the contract. Batching thread only. */
final class FrameReader {
  /** A record that is no frame, or breaks the contract. */
  static final class NotAFrameException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient BadInput badInput;

    NotAFrameException(PolledFrame polled, BadInput.Cause cause, Exception error) {
      super(polled.position() + ": " + error.getMessage(), error);
      this.badInput = new BadInput(cause, polled.position() + ": " + error.getMessage(), error);
    }

    BadInput badInput() {
      return badInput;
    }
  }

  private final PatientReader<Frame> reader;

  FrameReader(PatientReader<Frame> reader) {
    this.reader = reader;
  }

  /**
   * The frame in a record.
   *
   * @throws NotAFrameException if there is none that can be answered
   */
  Frame read(PolledFrame polled) throws NotAFrameException, InterruptedException {
    if (polled.record().value() == null) {
      throw new NotAFrameException(
          polled,
          BadInput.Cause.NO_VALUE,
          new SerializationException("the record has no value, but must hold a Frame"));
    }
    Frame frame = deserialize(polled);
    try {
      check(polled.record(), frame);
    } catch (IllegalArgumentException e) {
      throw new NotAFrameException(polled, BadInput.Cause.INVALID_FRAME, e);
    }
    return frame;
  }

  /** A registry out of reach is waited for: the record is as good as any. */
  private Frame deserialize(PolledFrame polled) throws NotAFrameException, InterruptedException {
    try {
      return reader.read(polled.record());
    } catch (RuntimeException e) {
      throw new NotAFrameException(polled, BadInput.Cause.NOT_A_FRAME, e);
    }
  }

  private static void check(ConsumerRecord<byte[], byte[]> record, Frame frame) {
    String id = new CameraId(frame.getCameraId()).value();
    String key =
        record.key() == null ? "missing" : new String(record.key(), StandardCharsets.UTF_8);
    if (!id.equals(key)) {
      throw new IllegalArgumentException(
          "the key must be the frame's camera id " + id + ", but is " + key);
    }
    if (frame.getCaptureTimeMicros() < 0) {
      throw new IllegalArgumentException(
          "camera "
              + id
              + ": captureTimeMicros must not be negative, but is "
              + frame.getCaptureTimeMicros());
    }
  }
}
