package dev.fovea.detector.stream;

import dev.fovea.detector.stream.StreamSettings.StartFrom;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls frames and looks after the group: assignment, draining at a rebalance, going back to the
 * committed offsets after a failed transaction. The one thread that touches the consumer; it keeps
 * polling, with partitions paused, while the queue is full, so that it stays in the group however
 * slow the model is.
 */
final class FramePoller {
  private static final Logger log = LoggerFactory.getLogger(FramePoller.class);

  private static final Duration POLL = Duration.ofMillis(100);

  /** A poll that can bring nothing; short, so that room is seen soon. */
  private static final Duration PAUSED_POLL = Duration.ofMillis(5);

  private static final Duration LOOKUP = Duration.ofSeconds(5);

  private record Cursor(long epoch, long nextSequence) {}

  private final Consumer<byte[], byte[]> consumer;
  private final String topic;
  private final StreamSettings settings;
  private final FrameQueue queue;
  private final Assignment assignment;
  private final InFlight inFlight;
  private final DetectorMetrics metrics;
  private final BooleanSupplier failed;
  private final Map<TopicPartition, Cursor> cursors = new HashMap<>();

  /** Where partitions that the group had never committed were started. */
  private final Map<TopicPartition, Long> starts = new HashMap<>();

  /**
   * @param consumer closed when {@link #run} ends
   * @param failed whether another stage is gone, so that waiting for it is in vain
   */
  FramePoller(
      Consumer<byte[], byte[]> consumer,
      String topic,
      StreamSettings settings,
      FrameQueue queue,
      Assignment assignment,
      InFlight inFlight,
      DetectorMetrics metrics,
      BooleanSupplier failed) {
    this.consumer = consumer;
    this.topic = topic;
    this.settings = settings;
    this.queue = queue;
    this.assignment = assignment;
    this.inFlight = inFlight;
    this.metrics = metrics;
    this.failed = failed;
  }

  /** Until {@code stop} says so; then finishes what is in batches and leaves the group. */
  void run(BooleanSupplier stop) {
    try {
      consumer.subscribe(List.of(topic), new Rebalances());
      while (!stop.getAsBoolean()) {
        step();
      }
      drain(consumer.assignment());
    } finally {
      consumer.close(
          CloseOptions.timeout(LOOKUP)
              .withGroupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP));
    }
  }

  private void step() {
    try {
      if (assignment.rewindDue()) {
        rewind();
      }
      boolean room = !assignment.suspended() && queue.hasRoom();
      if (room) {
        consumer.resume(consumer.paused());
      } else {
        consumer.pause(consumer.assignment());
      }
      var records = consumer.poll(room ? POLL : PAUSED_POLL);
      metrics.polled();
      assignment.member(consumer.groupMetadata());
      records.forEach(this::accept);
      metrics.lag(lag());
    } catch (NoOffsetForPartitionException e) {
      start(e.partitions());
    } catch (OffsetOutOfRangeException e) {
      skipExpired(e.offsetOutOfRangePartitions());
    } catch (RetriableException e) {
      log.warn("Polling {} failed, going on: {}", topic, e.toString());
    }
  }

  private void accept(ConsumerRecord<byte[], byte[]> record) {
    TopicPartition partition = new TopicPartition(record.topic(), record.partition());
    Optional<Long> epoch = assignment.epoch(partition);
    if (epoch.isEmpty()) {
      return; // Suspended since this poll began: the rewind reads it again.
    }
    Cursor cursor = cursors.get(partition);
    long sequence = cursor == null || cursor.epoch() != epoch.get() ? 0 : cursor.nextSequence();
    cursors.put(partition, new Cursor(epoch.get(), sequence + 1));
    queue.add(new PolledFrame(partition, epoch.get(), sequence, record));
  }

  /** Goes back to what is committed, and with it into a new epoch. */
  private void rewind() {
    Set<TopicPartition> partitions = consumer.assignment();
    Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(partitions, LOOKUP);
    for (TopicPartition partition : partitions) {
      OffsetAndMetadata offset = committed.get(partition);
      Long start = starts.get(partition);
      if (offset != null) {
        consumer.seek(partition, offset);
      } else if (start != null) {
        consumer.seek(partition, start);
      } // else it has no position yet, and nothing was polled
    }
    assignment.rewound(partitions);
  }

  /**
   * Starts partitions that the group never committed, and commits where, so that a start at the
   * latest frame is still the same place after a crash.
   */
  private void start(Set<TopicPartition> partitions) {
    Map<TopicPartition, Long> offsets =
        settings.startFrom() == StartFrom.EARLIEST
            ? consumer.beginningOffsets(partitions, LOOKUP)
            : consumer.endOffsets(partitions, LOOKUP);
    Map<TopicPartition, OffsetAndMetadata> commit = new HashMap<>();
    offsets.forEach(
        (partition, offset) -> {
          consumer.seek(partition, offset);
          starts.put(partition, offset);
          commit.put(partition, new OffsetAndMetadata(offset));
        });
    try {
      consumer.commitSync(commit, LOOKUP);
    } catch (RetriableException | CommitFailedException e) {
      log.debug("Starting offsets {} are not committed", offsets, e);
    }
  }

  /** Frames that retention deleted cannot be answered any more; says how many. */
  private void skipExpired(Map<TopicPartition, Long> lost) {
    consumer
        .beginningOffsets(lost.keySet(), LOOKUP)
        .forEach(
            (partition, beginning) -> {
              long expired = Math.max(0, beginning - lost.getOrDefault(partition, beginning));
              metrics.expired(expired);
              log.error(
                  "{}: up to {} frames were deleted by the topic's retention before this detector"
                      + " came to them; going on at offset {}",
                  partition,
                  expired,
                  beginning);
              consumer.seek(partition, beginning);
            });
  }

  private long lag() {
    long lag = 0;
    for (TopicPartition partition : consumer.assignment()) {
      OptionalLong frames = consumer.currentLag(partition);
      lag += frames.orElse(0);
    }
    return lag;
  }

  /** Lets batches that are under way be committed; takes nothing more in. */
  private void drain(Collection<TopicPartition> partitions) {
    assignment.member(consumer.groupMetadata());
    assignment.drain(partitions);
    try {
      if (!inFlight.awaitNone(partitions, settings.drainTimeout(), failed)) {
        log.warn("{} not drained: what is under way is dropped and read again", partitions);
      }
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  /** Called by the consumer within poll and close, on the poll thread. */
  private final class Rebalances implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      log.info("Assigned {}", partitions);
      assignment.member(consumer.groupMetadata());
      partitions.forEach(assignment::grant);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      log.info("Revoked {}", partitions);
      drain(partitions);
      forget(partitions);
    }

    /** Another worker has them already: nothing of ours may be committed, and nothing would be. */
    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      log.warn("Lost {} to another worker; what was under way is dropped", partitions);
      forget(partitions);
    }

    private void forget(Collection<TopicPartition> partitions) {
      assignment.revoke(partitions);
      starts.keySet().removeAll(partitions);
    }
  }
}
