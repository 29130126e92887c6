package dev.fovea.standalone.audit;

import dev.fovea.standalone.audit.TopicExtent.Span;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;

/** Reads an extent of a topic to its end, each partition in its order. */
final class TopicScan {
  /** Who is told what is read. */
  interface Reader {
    void record(ConsumerRecord<byte[], byte[]> record);

    /** Retention has deleted records of the partition that were still to be read. */
    default void deleted(int partition) {}
  }

  private static final Duration POLL = Duration.ofMillis(200);

  private final Consumer<byte[], byte[]> consumer;
  private final Duration patience;
  private final LongConsumer progress;

  /**
   * @param consumer one without a group, read-committed, that resets no offset by itself
   * @param patience longest time without a new record before the brokers are taken for gone
   * @param progress is told how many offsets have been passed since the last time
   */
  TopicScan(Consumer<byte[], byte[]> consumer, Duration patience, LongConsumer progress) {
    this.consumer = consumer;
    this.patience = patience;
    this.progress = progress;
  }

  /**
   * Reads all of {@code extent}.
   *
   * @throws CannotTellException if the brokers stop answering
   */
  void read(TopicExtent extent, Reader reader) {
    List<TopicPartition> open = new ArrayList<>();
    extent
        .spans()
        .forEach(
            (partition, span) -> {
              if (span.start() < span.end()) {
                open.add(new TopicPartition(extent.topic(), partition));
              }
            });
    consumer.assign(open);
    open.forEach(partition -> consumer.seek(partition, extent.span(partition.partition()).start()));
    long passed = 0;
    long lastMoved = System.nanoTime();
    while (!open.isEmpty()) {
      poll(extent, reader);
      open.removeIf(partition -> isRead(partition, extent.span(partition.partition())));
      long now = passed(extent, open);
      if (now != passed) {
        progress.accept(now - passed);
        passed = now;
        lastMoved = System.nanoTime();
      } else if (System.nanoTime() - lastMoved > patience.toNanos()) {
        throw new CannotTellException(
            "topic "
                + extent.topic()
                + ": nothing came for "
                + patience.toSeconds()
                + " s, with partitions "
                + open.stream().map(TopicPartition::partition).sorted().toList()
                + " not read to their end");
      }
    }
  }

  private void poll(TopicExtent extent, Reader reader) {
    try {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (record.offset() < extent.span(record.partition()).end()) {
          reader.record(record);
        }
      }
    } catch (OffsetOutOfRangeException e) {
      Map<TopicPartition, Long> starts =
          consumer.beginningOffsets(e.offsetOutOfRangePartitions().keySet());
      e.offsetOutOfRangePartitions()
          .forEach(
              (partition, wanted) -> {
                long start = starts.getOrDefault(partition, 0L);
                if (start < wanted) {
                  throw new CannotTellException(
                      partition + " lost its newest records while it was being read", e);
                }
                reader.deleted(partition.partition());
                consumer.seek(partition, start);
              });
    }
  }

  private boolean isRead(TopicPartition partition, Span span) {
    boolean read = consumer.position(partition) >= span.end();
    if (read) {
      // What is behind the end must not take the others' place in fetches.
      consumer.pause(List.of(partition));
    }
    return read;
  }

  private long passed(TopicExtent extent, List<TopicPartition> open) {
    long left = 0;
    for (TopicPartition partition : open) {
      left += extent.span(partition.partition()).end() - consumer.position(partition);
    }
    return extent.length() - left;
  }
}
