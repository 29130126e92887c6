package dev.fovea.benchmarks;

import dev.fovea.schema.KafkaSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Sees a topic's records as they become visible to a read-committed consumer, and when. */
final class AnswerClock implements AutoCloseable {
  private static final Duration SILENCE = Duration.ofSeconds(60);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private long seen;

  AnswerClock(KafkaSettings kafka, String topic) {
    this.consumer =
        new KafkaConsumer<>(
            kafka.consumerProperties(
                "bench", Map.of("enable.auto.commit", false, "isolation.level", "read_committed")),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(p -> new TopicPartition(topic, p.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /** Records seen so far. */
  long seen() {
    return seen;
  }

  /** As the other, with nothing done in between. */
  long await(long count) {
    return await(count, () -> {});
  }

  /**
   * Waits until at least {@code count} records have been seen.
   *
   * @param meanwhile is done after every poll
   * @return when that was, of {@link System#nanoTime}
   * @throws IllegalStateException if none comes for a minute
   */
  long await(long count, Runnable meanwhile) {
    long last = System.nanoTime();
    while (seen < count) {
      int polled = consumer.poll(Duration.ofMillis(100)).count();
      long now = System.nanoTime();
      meanwhile.run();
      if (polled > 0) {
        seen += polled;
        last = now;
      } else if (now - last > SILENCE.toNanos()) {
        throw new IllegalStateException(
            seen + " of " + count + " records, then none for " + SILENCE.toSeconds() + " s");
      }
    }
    return last;
  }

  @Override
  public void close() {
    consumer.close();
  }
}
