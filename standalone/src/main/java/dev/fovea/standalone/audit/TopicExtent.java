package dev.fovea.standalone.audit;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/**
 * What of a topic is read: per partition, from where to where. Taken at one moment, so that an
 * audit of a live topic comes to an end.
 *
 * @param topic the topic's name
 * @param spans by partition
 */
record TopicExtent(String topic, Map<Integer, Span> spans) {

  /**
   * A partition's part.
   *
   * @param logStart offset of the oldest record kept
   * @param start offset of the first record to read
   * @param end offset after the last committed record
   */
  record Span(long logStart, long start, long end) {
    static final Span NONE = new Span(0, 0, 0);

    /** Whether records before the first one read may have been deleted by retention. */
    boolean isCutShort() {
      return logStart > 0 && start == logStart;
    }

    boolean contains(long offset) {
      return offset >= start && offset < end;
    }
  }

  TopicExtent {
    spans = Map.copyOf(spans);
  }

  /** Nothing, of a topic that does not exist. */
  static TopicExtent none(String topic) {
    return new TopicExtent(topic, Map.of());
  }

  /**
   * Looks at a topic now.
   *
   * @param partitions the topic's
   * @param window whose start is sought by the records' times
   */
  static TopicExtent of(
      Consumer<?, ?> consumer, String topic, List<PartitionInfo> partitions, AuditWindow window) {
    List<TopicPartition> all =
        partitions.stream().map(p -> new TopicPartition(topic, p.partition())).toList();
    Map<TopicPartition, Long> logStarts = consumer.beginningOffsets(all);
    Map<TopicPartition, Long> ends = consumer.endOffsets(all);
    Map<TopicPartition, Long> starts =
        window.hasStart() ? firstAt(consumer, all, window.fromMillis(), ends) : logStarts;
    Map<Integer, Span> spans = new HashMap<>();
    for (TopicPartition partition : all) {
      long logStart = offset(logStarts, partition);
      long start = Math.max(logStart, offset(starts, partition));
      spans.put(partition.partition(), new Span(logStart, start, offset(ends, partition)));
    }
    return new TopicExtent(topic, spans);
  }

  private static Map<TopicPartition, Long> firstAt(
      Consumer<?, ?> consumer,
      List<TopicPartition> partitions,
      long timeMillis,
      Map<TopicPartition, Long> ends) {
    Map<TopicPartition, Long> times = new HashMap<>();
    partitions.forEach(partition -> times.put(partition, timeMillis));
    Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times);
    Map<TopicPartition, Long> starts = new HashMap<>();
    for (TopicPartition partition : partitions) {
      OffsetAndTimestamp first = found.get(partition);
      // Nothing that late: nothing to read.
      starts.put(partition, first == null ? offset(ends, partition) : first.offset());
    }
    return starts;
  }

  private static long offset(Map<TopicPartition, Long> offsets, TopicPartition partition) {
    return Objects.requireNonNull(offsets.get(partition), partition + " has no offset");
  }

  Span span(int partition) {
    return spans.getOrDefault(partition, Span.NONE);
  }

  /** Offsets to read, an upper bound for the records. */
  long length() {
    return spans.values().stream().mapToLong(s -> Math.max(0, s.end() - s.start())).sum();
  }
}
