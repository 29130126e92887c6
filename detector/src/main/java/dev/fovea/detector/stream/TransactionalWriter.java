package dev.fovea.detector.stream;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transactional producer and how it is brought back after an error. Never sends a record again:
 * what failed is the caller's to read again from the committed offsets. Committing thread only.
 */
final class TransactionalWriter implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TransactionalWriter.class);

  private final Supplier<Producer<byte[], byte[]>> producers;
  private final Duration firstPause;
  private final Duration longestPause;
  private @Nullable Producer<byte[], byte[]> producer;

  /**
   * @param producers makes producers, all with the same transactional id
   * @param firstPause pause before a second try to open one; doubles with each
   * @param longestPause where doubling ends
   */
  TransactionalWriter(
      Supplier<Producer<byte[], byte[]>> producers, Duration firstPause, Duration longestPause) {
    this.producers = producers;
    this.firstPause = firstPause;
    this.longestPause = longestPause;
  }

  /**
   * Opens a producer, for as long as it takes; a transaction that an earlier one left open is
   * settled then.
   *
   * @throws KafkaException if trying again is hopeless
   */
  void open() throws InterruptedException {
    Duration pause = firstPause;
    while (true) {
      // One that cannot even be made is misconfigured: that is not caught here.
      Producer<byte[], byte[]> opened = producers.get();
      producer = opened;
      try {
        opened.initTransactions();
        return;
      } catch (InterruptException e) {
        throw interrupted(e);
      } catch (KafkaException e) {
        discard();
        if (TransactionErrors.remedy(e) == TransactionErrors.Remedy.FATAL) {
          throw e;
        }
        log.warn("No transactional producer yet, next try in {} ms: {}", pause.toMillis(), text(e));
        Thread.sleep(pause.toMillis());
        pause =
            pause.multipliedBy(2).compareTo(longestPause) < 0
                ? pause.multipliedBy(2)
                : longestPause;
      }
    }
  }

  /**
   * Writes records and offsets, all or none of them.
   *
   * @throws KafkaException if it is not certain that they are written; {@link #recover} next
   */
  void write(
      List<ProducerRecord<byte[], byte[]>> records,
      Map<TopicPartition, OffsetAndMetadata> offsets,
      ConsumerGroupMetadata member)
      throws InterruptedException {
    Producer<byte[], byte[]> open = open(producer);
    try {
      open.beginTransaction();
      for (ProducerRecord<byte[], byte[]> record : records) {
        var unused = open.send(record); // One that fails makes the commit fail.
      }
      open.sendOffsetsToTransaction(offsets, member);
      open.commitTransaction();
    } catch (InterruptException e) {
      throw interrupted(e);
    }
  }

  /**
   * Makes the producer fit for the next transaction, for as long as it takes. When it returns, the
   * failed transaction is settled one way or the other, and the committed offsets say which.
   *
   * @throws KafkaException if trying again is hopeless
   */
  void recover(KafkaException error) throws InterruptedException {
    switch (TransactionErrors.remedy(error)) {
      case FATAL -> throw error;
      case NEW_PRODUCER -> reopen(error);
      case ABORT -> abort(error);
    }
  }

  private void abort(KafkaException error) throws InterruptedException {
    try {
      open(producer).abortTransaction();
      log.info("Transaction aborted: {}", text(error));
    } catch (InterruptException e) {
      throw interrupted(e);
    } catch (KafkaException e) {
      reopen(e);
    }
  }

  private void reopen(KafkaException error) throws InterruptedException {
    log.warn("Transaction failed, taking a new producer: {}", text(error));
    discard();
    open();
  }

  /** Closes the producer without waiting for what it still has. */
  private void discard() {
    Producer<byte[], byte[]> old = producer;
    producer = null;
    if (old != null) {
      old.close(Duration.ZERO);
    }
  }

  @Override
  public void close() {
    discard();
  }

  private static Producer<byte[], byte[]> open(@Nullable Producer<byte[], byte[]> producer) {
    if (producer == null) {
      throw new IllegalStateException("the producer is not open");
    }
    return producer;
  }

  /** Kafka's own kind of interruption as everybody else's. */
  private static InterruptedException interrupted(InterruptException e) {
    Thread.interrupted();
    InterruptedException interrupted = new InterruptedException(e.getMessage());
    interrupted.initCause(e);
    return interrupted;
  }

  private static String text(KafkaException e) {
    return e.getCause() == null ? e.toString() : e + " (" + e.getCause() + ")";
  }
}
