package dev.fovea.detector.stream;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.TopicPartition;

/**
 * How many frames of each partition are in a batch and neither committed nor dropped. The batching
 * thread counts up, the committing thread down, the poll thread waits. Guarded by {@code this}.
 */
final class InFlight {
  private static final long ASK_MILLIS = 100;

  private final Map<TopicPartition, Integer> frames = new HashMap<>();

  synchronized void enter(TopicPartition partition) {
    frames.merge(partition, 1, Integer::sum);
  }

  synchronized void leave(TopicPartition partition) {
    frames.computeIfPresent(partition, (p, n) -> n == 1 ? null : n - 1);
    notifyAll();
  }

  /**
   * Waits until no frame of {@code partitions} is in flight.
   *
   * @param inVain asked now and then; true ends the wait
   * @return false if some still are
   */
  synchronized boolean awaitNone(
      Collection<TopicPartition> partitions, Duration timeout, BooleanSupplier inVain)
      throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (partitions.stream().anyMatch(frames::containsKey)) {
      long leftMillis = (deadline - System.nanoTime()) / 1_000_000;
      if (leftMillis <= 0 || inVain.getAsBoolean()) {
        return false;
      }
      wait(Math.min(leftMillis, ASK_MILLIS));
    }
    return true;
  }
}
