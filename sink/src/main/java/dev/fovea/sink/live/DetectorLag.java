package dev.fovea.sink.live;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the detector's consumer group once a second: how many frames wait for it, how many
 * workers it has, and up to which moment everything is accounted for. Runs on one thread; its
 * results may be read by any.
 */
public final class DetectorLag implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DetectorLag.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /**
   * @param frames frames that no worker has committed yet
   * @param workers members of the detector's group
   */
  public record Lag(long frames, int workers) {}

  private final Admin admin;
  private final String group;
  private final String framesTopic;
  private final String detectionsTopic;
  private final Supplier<Map<TopicPartition, Long>> storePositions;
  private final KafkaProgress progress = new KafkaProgress();
  private volatile @Nullable Lag lag;
  private volatile long accountedUpToMicros = Long.MIN_VALUE;
  private boolean failing;

  /**
   * @param group consumer group of the detector
   * @param storePositions next offset the store will read, by partition of the detections topic
   */
  public DetectorLag(
      Admin admin,
      String group,
      String framesTopic,
      String detectionsTopic,
      Supplier<Map<TopicPartition, Long>> storePositions) {
    this.admin = admin;
    this.group = group;
    this.framesTopic = framesTopic;
    this.detectionsTopic = detectionsTopic;
    this.storePositions = storePositions;
  }

  /** The last look's result; null where Kafka did not answer. */
  public @Nullable Lag lag() {
    return lag;
  }

  /** See {@link KafkaProgress}; {@code Long.MIN_VALUE} where unknown. */
  public long accountedUpToMicros() {
    return accountedUpToMicros;
  }

  /** Takes a look; a broker that does not answer makes the lag unknown, nothing else. */
  public void look() {
    try {
      lookOnce();
      failing = false;
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      lag = null;
      if (!failing) {
        log.warn("detector group {}: lag is unknown: {}", group, e.toString());
      }
      failing = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void lookOnce() throws ExecutionException, TimeoutException, InterruptedException {
    long now = CameraBoard.nowMicros();
    List<TopicPartition> frames = partitions(framesTopic);
    Map<TopicPartition, Long> starts = offsets(frames, OffsetSpec.earliest());
    Map<TopicPartition, Long> ends = offsets(frames, OffsetSpec.latest());
    Map<TopicPartition, Long> committed = committed(starts);
    Map<TopicPartition, Long> detectionEnds =
        offsets(partitions(detectionsTopic), OffsetSpec.latest());
    progress.look(now, ends, committed, detectionEnds, storePositions.get());
    accountedUpToMicros = progress.accountedUpToMicros();
    long waiting = 0;
    for (var end : ends.entrySet()) {
      waiting += Math.max(0, end.getValue() - committed.getOrDefault(end.getKey(), 0L));
    }
    lag = new Lag(waiting, workers());
  }

  private List<TopicPartition> partitions(String topic)
      throws ExecutionException, TimeoutException, InterruptedException {
    TopicDescription description =
        admin
            .describeTopics(List.of(topic))
            .allTopicNames()
            .get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
            .get(topic);
    if (description == null) {
      return List.of();
    }
    return description.partitions().stream()
        .map(partition -> new TopicPartition(topic, partition.partition()))
        .toList();
  }

  private Map<TopicPartition, Long> offsets(List<TopicPartition> partitions, OffsetSpec spec)
      throws ExecutionException, TimeoutException, InterruptedException {
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    partitions.forEach(partition -> wanted.put(partition, spec));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    Map<TopicPartition, ListOffsetsResultInfo> found =
        admin
            .listOffsets(wanted, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
            .all()
            .get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    found.forEach((partition, info) -> offsets.put(partition, info.offset()));
    return offsets;
  }

  /** What the group has committed, and the log's start where it has not or that is gone. */
  private Map<TopicPartition, Long> committed(Map<TopicPartition, Long> starts)
      throws ExecutionException, TimeoutException, InterruptedException {
    Map<TopicPartition, Long> committed = new HashMap<>(starts);
    try {
      admin
          .listConsumerGroupOffsets(group)
          .partitionsToOffsetAndMetadata()
          .get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
          .forEach(
              (partition, offset) -> {
                if (offset != null) {
                  committed.merge(partition, offset.offset(), Math::max);
                }
              });
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof GroupIdNotFoundException)) {
        throw e;
      }
    }
    return committed;
  }

  private int workers() throws ExecutionException, TimeoutException, InterruptedException {
    try {
      return admin
          .describeConsumerGroups(List.of(group))
          .all()
          .get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
          .values()
          .stream()
          .mapToInt(description -> description.members().size())
          .sum();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return 0;
      }
      throw e;
    }
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(1));
  }
}
