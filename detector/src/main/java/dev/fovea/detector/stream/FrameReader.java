package dev.fovea.detector.stream;

import dev.fovea.schema.CameraId;
import dev.fovea.schema.avro.Frame;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a {@code Frame} out of a record and holds it to the contract. Batching thread only. */
final class FrameReader {
  private static final Logger log = LoggerFactory.getLogger(FrameReader.class);

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

  private final Deserializer<Frame> deserializer;
  private final Duration retryDelay;

  /**
   * @param retryDelay pause before reading again where not the record but something it needs (the
   *     schema registry, say) failed
   */
  FrameReader(Deserializer<Frame> deserializer, Duration retryDelay) {
    this.deserializer = deserializer;
    this.retryDelay = retryDelay;
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

  /**
   * Bytes that make no frame are the record's fault; a registry out of reach is not, and passes.
   */
  private Frame deserialize(PolledFrame polled) throws NotAFrameException, InterruptedException {
    ConsumerRecord<byte[], byte[]> record = polled.record();
    while (true) {
      try {
        return deserializer.deserialize(record.topic(), record.headers(), record.value());
      } catch (RuntimeException e) {
        if (!(e instanceof RetriableException)
            && (e instanceof SerializationException || !isOfInputOutput(e))) {
          throw new NotAFrameException(polled, BadInput.Cause.NOT_A_FRAME, e);
        }
        log.warn("{} cannot be read now, trying again: {}", polled.position(), e.toString());
        Thread.sleep(retryDelay.toMillis());
      }
    }
  }

  private static boolean isOfInputOutput(Throwable error) {
    for (Throwable e = error; e != null; e = e.getCause()) {
      if (e instanceof IOException) {
        return true;
      }
    }
    return false;
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
