package dev.fovea.detector.stream;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Which polled work still counts. Each assignment or rewind of a partition gives it a new epoch; a
 * record carries the epoch it was polled under, and only work of the current epoch may be
 * committed. This is what makes it safe to drop work anywhere: whatever was dropped is of an epoch
 * that ends before anything after it is committed, and is polled again in the next.
 *
 * <pre>
 * open ──drain──> draining ──revoke──> (gone)
 *  │ ^                │
 *  │ └──────rewind────┼── suspended: no epoch is valid, nothing is taken in
 *  └───suspend────────┘
 * </pre>
 *
 * <p>Any thread; which one calls what is said at each method. All state is guarded by {@code this}.
 */
final class Assignment {
  private record Lease(long epoch, boolean draining) {}

  /** The answers of a transaction that still count, and who the group thinks we are. */
  record Committable(List<Answer> answers, ConsumerGroupMetadata member) {}

  private enum State {
    RUNNING,
    SUSPENDED,
    REWIND_DUE
  }

  private final Map<TopicPartition, Lease> leases = new HashMap<>();
  private long lastEpoch;
  private State state = State.RUNNING;
  private @Nullable ConsumerGroupMetadata member;

  /**
   * Poll thread: the partition is ours from now on. Without effect until the rewind, if one is due.
   */
  synchronized void grant(TopicPartition partition) {
    if (state == State.RUNNING) {
      leases.put(partition, new Lease(++lastEpoch, false));
    }
  }

  /** Poll thread: takes nothing more in for these, but lets what is on its way be committed. */
  synchronized void drain(Collection<TopicPartition> partitions) {
    for (TopicPartition partition : partitions) {
      leases.computeIfPresent(partition, (p, lease) -> new Lease(lease.epoch(), true));
    }
  }

  /** Poll thread: the partitions are no longer ours; what is on its way is void. */
  synchronized void revoke(Collection<TopicPartition> partitions) {
    leases.keySet().removeAll(partitions);
  }

  /** Poll thread: who the group thinks we are, after each poll and before work is drained. */
  synchronized void member(ConsumerGroupMetadata member) {
    this.member = member;
  }

  /**
   * Poll thread: the epoch to poll a partition's records under; empty if they are to be dropped.
   */
  synchronized Optional<Long> epoch(TopicPartition partition) {
    Lease lease = leases.get(partition);
    return lease == null || lease.draining() ? Optional.empty() : Optional.of(lease.epoch());
  }

  /** Poll thread: whether a failed transaction has yet to be recovered from. */
  synchronized boolean suspended() {
    return state != State.RUNNING;
  }

  /** Poll thread: whether to go back to the committed offsets now. */
  synchronized boolean rewindDue() {
    return state == State.REWIND_DUE;
  }

  /** Poll thread: all of {@code partitions} stand at their committed offsets again. */
  synchronized void rewound(Collection<TopicPartition> partitions) {
    state = State.RUNNING;
    leases.clear();
    partitions.forEach(this::grant);
  }

  /** Batching thread: whether a polled frame is still to be worked on. */
  synchronized boolean admits(PolledFrame frame) {
    Lease lease = leases.get(frame.partition());
    return lease != null && lease.epoch() == frame.epoch() && !lease.draining();
  }

  /**
   * Committing thread: which of {@code answers} may be committed now, and in whose name; empty if
   * none.
   */
  synchronized Optional<Committable> committable(List<Answer> answers) {
    ConsumerGroupMetadata known = member;
    List<Answer> counting = answers.stream().filter(answer -> counts(answer.frame())).toList();
    return known == null || counting.isEmpty()
        ? Optional.empty()
        : Optional.of(new Committable(counting, known));
  }

  private boolean counts(PolledFrame frame) {
    Lease lease = leases.get(frame.partition());
    return lease != null && lease.epoch() == frame.epoch();
  }

  /** Committing thread: a transaction failed; nothing polled so far may be committed any more. */
  synchronized void suspend() {
    leases.clear();
    state = State.SUSPENDED;
  }

  /** Committing thread: the producer is fit again; the poll thread is to rewind and go on. */
  synchronized void requestRewind() {
    state = State.REWIND_DUE;
  }
}
