package dev.fovea.detector.stream;

import dev.fovea.detector.mining.MiningSettings;
import java.time.Duration;
import java.util.Optional;

/**
 * How frames are moved through the detector; {@code reference.conf} says what each means.
 *
 * @param groupId consumer group shared by all workers of the site
 * @param instanceId this worker's name in the group; empty for an anonymous one
 * @param startFrom where to start on partitions that the group never committed
 * @param batchFrames most pictures in a batch
 * @param batchWait longest wait for a batch to fill, from its first picture on
 * @param decodeThreads threads that decode pictures
 * @param freshness frames older than this are answered without the model; zero for none
 * @param queueFrames frames waiting to be batched before polling pauses
 * @param queueBytes their bytes before polling pauses
 * @param transactionTimeout after which the broker aborts a transaction that was left open
 * @param drainTimeout longest wait for batches under way at a rebalance or at the end
 * @param mining whether and how label candidates are chosen
 */
public record StreamSettings(
    String groupId,
    Optional<String> instanceId,
    StartFrom startFrom,
    int batchFrames,
    Duration batchWait,
    int decodeThreads,
    Duration freshness,
    int queueFrames,
    long queueBytes,
    Duration transactionTimeout,
    Duration drainTimeout,
    MiningSettings mining) {

  /** Where a group starts that has never committed. */
  public enum StartFrom {
    EARLIEST,
    LATEST
  }

  /** Whether there is a freshness policy. */
  boolean skipsStale() {
    return !freshness.isZero();
  }
}
