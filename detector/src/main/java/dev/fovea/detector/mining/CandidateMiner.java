package dev.fovea.detector.mining;

import dev.fovea.schema.avro.CandidateReason;
import dev.fovea.schema.avro.Detection;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.Outcome;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Chooses label candidates among a detector's answers, in frame order per camera. A frame is worth
 * as much as there are objects in doubt in it: scores near the serving threshold, and objects that
 * the frame before did not have, or had. Of each slot of capture time, as long as candidates may
 * lie apart, one frame is chosen while the others are still unknown: the first that is worth what
 * the best of those to come is expected to be.
 *
 * <p>What it remembers follows the transactions: {@link #keep} when the answers it has looked at
 * are committed, {@link #forget} when they are not and will come again. Committing thread only.
 */
public final class CandidateMiner {
  /** Frames further apart are not compared: much may have happened. */
  private static final long LONGEST_STEP_MICROS = 2_000_000;

  private static final double MINUTE_MICROS = 60e6;

  private static final long NO_SLOT = Long.MIN_VALUE;

  private final MiningSettings settings;

  /** One candidate in each, and one drawn at random. */
  private final long slotMicros;

  private final Map<String, Past> kept = new HashMap<>();
  private final Map<String, Past> pending = new HashMap<>();

  /**
   * Why a frame is a candidate.
   *
   * @param score how many objects are in doubt for that reason, each by 0 to 1; of a frame drawn at
   *     random what was drawn
   */
  public record Mined(CandidateReason reason, double score) {}

  /**
   * What is remembered of a camera.
   *
   * @param minedSlot in which a frame was mined last
   * @param drawnSlot the same for a frame drawn at random
   */
  private record Past(
      long captureTimeMicros,
      List<Detection> detections,
      long minedSlot,
      long drawnSlot,
      RecentWorth recent) {}

  public CandidateMiner(MiningSettings settings) {
    this.settings = settings;
    this.slotMicros = Math.max(1, Math.round(MINUTE_MICROS / settings.perCameraPerMinute()));
  }

  /**
   * Looks at the next answer of a camera.
   *
   * @param uncertainty how many scores are near the serving threshold, see {@code
   *     BatchModel.Batch.uncertainty}
   * @return empty unless its frame is a candidate
   */
  public Optional<Mined> look(Detections answer, double uncertainty) {
    if (answer.getOutcome() != Outcome.DETECTED) {
      return Optional.empty();
    }
    Past past = past(answer);
    long now = answer.getCaptureTimeMicros();
    long step = now - past.captureTimeMicros();
    double disagreement = disagreement(past, answer, step);
    double worth = uncertainty + disagreement;
    long slot = Math.floorDiv(now, slotMicros);
    long minedSlot = past.minedSlot();
    long drawnSlot = past.drawnSlot();
    Optional<Mined> found = Optional.empty();
    if (slot != minedSlot && isWorthIt(worth, past.recent(), (slot + 1) * slotMicros - now)) {
      found =
          Optional.of(
              uncertainty > 0
                  ? new Mined(CandidateReason.UNCERTAIN, uncertainty)
                  : new Mined(CandidateReason.DISAGREES, disagreement));
      minedSlot = slot;
    } else if (slot != drawnSlot && isDrawn(answer)) {
      found = Optional.of(new Mined(CandidateReason.RANDOM, drawn(answer)));
      drawnSlot = slot;
    }
    pending.put(
        answer.getCameraId(),
        new Past(
            now, answer.getDetections(), minedSlot, drawnSlot, past.recent().with(worth, step)));
    return found;
  }

  /** What was looked at since the last call is committed. */
  public void keep() {
    kept.putAll(pending);
    pending.clear();
  }

  /** What was looked at since {@link #keep} is not committed, and comes again. */
  public void forget() {
    pending.clear();
  }

  /** A camera that is new, or replayed, starts afresh. */
  private Past past(Detections answer) {
    long now = answer.getCaptureTimeMicros();
    Past past = pending.getOrDefault(answer.getCameraId(), kept.get(answer.getCameraId()));
    return past == null || past.captureTimeMicros() >= now
        ? new Past(now, List.of(), NO_SLOT, NO_SLOT, RecentWorth.NONE)
        : past;
  }

  private static double disagreement(Past past, Detections answer, long stepMicros) {
    return stepMicros <= 0 || stepMicros > LONGEST_STEP_MICROS
        ? 0
        : Disagreement.between(
            past.detections(), answer.getDetections(), answer.getWidthPx(), answer.getHeightPx());
  }

  /**
   * @param leftMicros until the slot's end; the next frame comes a step from now
   */
  private static boolean isWorthIt(double worth, RecentWorth recent, long leftMicros) {
    return worth > 0
        && recent.isKnown()
        && worth >= recent.bestOfTheNext(leftMicros - Math.round(recent.stepMicros()));
  }

  private boolean isDrawn(Detections answer) {
    return drawn(answer) < settings.randomShare();
  }

  /** A number from 0 to below 1 that is the frame's own: the same whenever it is asked for. */
  private static double drawn(Detections answer) {
    long bits = answer.getCaptureTimeMicros();
    for (int i = 0; i < answer.getCameraId().length(); i++) {
      bits = mixed(bits ^ answer.getCameraId().charAt(i));
    }
    return (mixed(bits) >>> 11) * 0x1p-53;
  }

  /** SplitMix64's finaliser (Steele, Lea and Flood 2014): every bit depends on every other. */
  private static long mixed(long bits) {
    long z = bits + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
