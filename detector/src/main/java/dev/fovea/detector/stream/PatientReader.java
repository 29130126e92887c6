package dev.fovea.detector.stream;

import java.io.IOException;
import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads values of records, and waits where not the record but something that it needs, such as the
 * schema registry, cannot be had now: with pauses that double up to a longest one, one line in the
 * log when the waiting begins and one when it ends, and {@link DetectorMetrics#waitingReaders}
 * meanwhile. One thread.
 */
final class PatientReader<T> {
  private static final Logger log = LoggerFactory.getLogger(PatientReader.class);

  /** What a record needs could not be had within the patience allowed. */
  static final class OutOfReachException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OutOfReachException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private static final Duration FOR_EVER = Duration.ofNanos(Long.MAX_VALUE);

  private final Deserializer<T> deserializer;
  private final Duration firstPause;
  private final Duration longestPause;
  private final DetectorMetrics metrics;

  /**
   * @param firstPause before the second try; doubles with each
   * @param longestPause where doubling ends
   */
  PatientReader(
      Deserializer<T> deserializer,
      Duration firstPause,
      Duration longestPause,
      DetectorMetrics metrics) {
    this.deserializer = deserializer;
    this.firstPause = firstPause;
    this.longestPause = longestPause;
    this.metrics = metrics;
  }

  /**
   * The value, however long that takes.
   *
   * @throws RuntimeException if it is the record that cannot be read
   */
  T read(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
    return read(record, FOR_EVER);
  }

  /**
   * The value, within {@code patience}.
   *
   * @throws OutOfReachException if what it needs could not be had in that time
   * @throws RuntimeException if it is the record that cannot be read
   */
  T read(ConsumerRecord<byte[], byte[]> record, Duration patience) throws InterruptedException {
    try {
      return deserialize(record);
    } catch (InterruptException e) {
      throw interrupted(e);
    } catch (RuntimeException e) {
      requirePassing(e);
      metrics.readerWaits();
      try {
        return readAgain(record, patience, e);
      } finally {
        metrics.readerGoesOn();
      }
    }
  }

  private T readAgain(
      ConsumerRecord<byte[], byte[]> record, Duration patience, RuntimeException first)
      throws InterruptedException {
    String position = record.topic() + "-" + record.partition() + "@" + record.offset();
    log.warn("{} cannot be read now, and is waited for: {}", position, first.toString());
    long began = System.nanoTime();
    Duration pause = firstPause;
    while (true) {
      Duration left = patience.minusNanos(System.nanoTime() - began);
      Thread.sleep(Math.max(0, shorter(pause, left).toMillis()));
      try {
        T value = deserialize(record);
        log.info("{} is read after {} ms", position, (System.nanoTime() - began) / 1_000_000);
        return value;
      } catch (InterruptException e) {
        throw interrupted(e);
      } catch (RuntimeException e) {
        requirePassing(e);
        log.debug("{} still cannot be read, after a pause of {}", position, pause, e);
        if (System.nanoTime() - began >= patience.toNanos()) {
          throw new OutOfReachException(String.valueOf(e.getMessage()), e);
        }
      }
      pause = shorter(pause.multipliedBy(2), longestPause);
    }
  }

  private T deserialize(ConsumerRecord<byte[], byte[]> record) {
    return deserializer.deserialize(record.topic(), record.headers(), record.value());
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  /**
   * Bytes that are no record are the record's fault; a registry out of reach is not, and passes.
   */
  private static void requirePassing(RuntimeException error) {
    if (!(error instanceof RetriableException)
        && (error instanceof SerializationException || !isOfInputOutput(error))) {
      throw error;
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

  /** Kafka's own kind of interruption as everybody else's. */
  private static InterruptedException interrupted(InterruptException e) {
    Thread.interrupted();
    InterruptedException interrupted = new InterruptedException(e.getMessage());
    interrupted.initCause(e);
    return interrupted;
  }
}
