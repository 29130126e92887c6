package dev.fovea.sink.live;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * Up to which moment everything has been worked through. Two steps follow each other: the detector
 * reads {@code frames} and commits, then the store reads {@code detections}. The ends of both
 * topics are remembered with the time at which they were seen; when the detector's commits have
 * passed a remembered end of frames, and after that the store has passed the end of detections seen
 * then, every frame from before that time is answered in the store, or never will be.
 *
 * <p>Not thread-safe; {@link DetectorLag} owns it.
 */
final class KafkaProgress {
  /** At one look a second, ten minutes; further back only the oldest looks are kept. */
  private static final int MAX_LOOKS = 600;

  private record Look(long atMicros, Map<TopicPartition, Long> ends) {}

  private final Deque<Look> frames = new ArrayDeque<>();
  private final Deque<Look> detections = new ArrayDeque<>();
  private long accountedUpToMicros = Long.MIN_VALUE;

  /**
   * Takes one look at Kafka.
   *
   * @param frameEnds end offsets of the frames topic
   * @param committed what the detector has committed, later seen than {@code frameEnds}
   * @param detectionEnds read-committed end offsets of detections, later seen than {@code
   *     committed}
   * @param stored what the store has read, later seen than all others
   */
  void look(
      long nowMicros,
      Map<TopicPartition, Long> frameEnds,
      Map<TopicPartition, Long> committed,
      Map<TopicPartition, Long> detectionEnds,
      Map<TopicPartition, Long> stored) {
    remember(frames, new Look(nowMicros, frameEnds));
    Look answered = lastPassed(frames, committed);
    if (answered != null) {
      remember(detections, new Look(answered.atMicros, detectionEnds));
    }
    Look kept = lastPassed(detections, stored);
    if (kept != null) {
      accountedUpToMicros = Math.max(accountedUpToMicros, kept.atMicros);
    }
  }

  long accountedUpToMicros() {
    return accountedUpToMicros;
  }

  private static void remember(Deque<Look> looks, Look look) {
    if (looks.size() < MAX_LOOKS) {
      looks.addLast(look);
    }
  }

  /** Removes and returns the newest look whose every end has been reached. */
  private static @org.jspecify.annotations.Nullable Look lastPassed(
      Deque<Look> looks, Map<TopicPartition, Long> positions) {
    Look passed = null;
    while (!looks.isEmpty() && isPassed(looks.getFirst(), positions)) {
      passed = looks.removeFirst();
    }
    return passed;
  }

  private static boolean isPassed(Look look, Map<TopicPartition, Long> positions) {
    return look.ends.entrySet().stream()
        .allMatch(end -> positions.getOrDefault(end.getKey(), 0L) >= end.getValue());
  }
}
