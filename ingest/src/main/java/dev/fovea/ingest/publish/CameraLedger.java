package dev.fovea.ingest.publish;

import dev.fovea.schema.avro.FrameLedger;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What has become of every frame of one camera. Each is first {@link #deliver}ed, then exactly one
 * of sampled out, dropped, or stamped as published; a stamped one is in flight until Kafka has
 * acknowledged it. Any thread.
 *
 * <p>Delivered frames are counted apart from what became of them, so that a frame that is lost
 * between the two shows as a ledger that does not add up.
 */
final class CameraLedger {
  private long decoded;
  private long sampledOut;
  private final Map<String, Long> dropped = new TreeMap<>();
  private long published;
  private long inFlight;

  /** A frame has been delivered whose fate is still open. */
  private boolean inHand;

  /** Goes on from what an earlier run has written. */
  CameraLedger(FrameLedger past) {
    decoded = past.getDecoded();
    sampledOut = past.getSampledOut();
    dropped.putAll(past.getDropped());
    published = past.getPublished();
  }

  /** A ledger in which nothing has happened. */
  static FrameLedger empty() {
    return new FrameLedger(0L, 0L, Map.of(), 0L);
  }

  /** The source has delivered a frame. */
  synchronized void deliver() {
    decoded++;
    inHand = true;
  }

  /** The frame in hand is left out to reach the target rate. */
  synchronized void sampleOut() {
    sampledOut++;
    inHand = false;
  }

  /** The frame in hand is lost. */
  synchronized void drop(DropCause cause) {
    dropped.merge(cause.key(), 1L, Long::sum);
    inHand = false;
  }

  /** The frame in hand goes to Kafka: the ledger as of it, for its record. */
  synchronized FrameLedger stamp() {
    published++;
    inFlight++;
    inHand = false;
    return new FrameLedger(decoded, sampledOut, new HashMap<>(dropped), published);
  }

  /** The frame stamped last never left this process. No other may have been stamped since. */
  synchronized void unstamp(DropCause cause) {
    published--;
    inFlight--;
    dropped.merge(cause.key(), 1L, Long::sum);
  }

  /** Kafka has a stamped frame. */
  synchronized void acknowledge() {
    inFlight--;
  }

  /**
   * The producer failed for good: of the frames stamped, the topic has those up to {@code
   * publishedInTopic}; the others are lost.
   *
   * @return how many those are
   */
  synchronized long reconcile(long publishedInTopic) {
    long lost = published - publishedInTopic;
    if (lost > 0) {
      dropped.merge(DropCause.PRODUCER_FAILED.key(), lost, Long::sum);
    }
    published = publishedInTopic;
    inFlight = 0;
    return lost;
  }

  /**
   * What Kafka is known to have. A frame in flight or in hand has not entered the ledger yet: if
   * this process were killed now, it never would.
   */
  synchronized FrameLedger settled() {
    long open = inFlight + (inHand ? 1 : 0);
    return new FrameLedger(
        decoded - open, sampledOut, new HashMap<>(dropped), published - inFlight);
  }
}
