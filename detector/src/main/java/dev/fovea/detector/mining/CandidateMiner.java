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
 * Chooses label candidates among a detector's answers, in frame order per camera. What it remembers
 * follows the transactions: {@link #keep} when the answers it has looked at are committed, {@link
 * #forget} when they are not and will come again. Committing thread only.
 */
public final class CandidateMiner {
  /** Frames further apart are not compared: much may have happened. */
  private static final long LONGEST_STEP_MICROS = 2_000_000;

  private static final double MINUTE_MICROS = 60e6;

  private final MiningSettings settings;

  /** Candidates lie at least this far apart, instead of coming all at once. */
  private final long pauseMicros;

  private final Map<String, Past> kept = new HashMap<>();
  private final Map<String, Past> pending = new HashMap<>();

  /** Why a frame is a candidate, and how much it is worth by that reason, 0 to 1. */
  public record Mined(CandidateReason reason, double score) {}

  /**
   * What is remembered of a camera.
   *
   * @param minedAgainMicros capture time from which a frame may be mined again
   * @param drawnAgainMicros the same for a frame drawn at random
   */
  private record Past(
      long captureTimeMicros,
      List<Detection> detections,
      long minedAgainMicros,
      long drawnAgainMicros) {}

  public CandidateMiner(MiningSettings settings) {
    this.settings = settings;
    this.pauseMicros = Math.round(MINUTE_MICROS / settings.perCameraPerMinute());
  }

  /**
   * Looks at the next answer of a camera.
   *
   * @param uncertainty how near a score came to the serving threshold, see {@code
   *     BatchModel.Batch.uncertainty}
   * @return empty unless its frame is a candidate
   */
  public Optional<Mined> look(Detections answer, double uncertainty) {
    if (answer.getOutcome() != Outcome.DETECTED) {
      return Optional.empty();
    }
    Past past = past(answer);
    long now = answer.getCaptureTimeMicros();
    long minedAgain = past.minedAgainMicros();
    long drawnAgain = past.drawnAgainMicros();
    Optional<Mined> found = now >= minedAgain ? mined(past, answer, uncertainty) : Optional.empty();
    if (found.isPresent()) {
      minedAgain = now + pauseMicros;
    } else if (now >= drawnAgain && isDrawn(answer)) {
      found = Optional.of(new Mined(CandidateReason.RANDOM, drawn(answer)));
      drawnAgain = now + pauseMicros;
    }
    pending.put(
        answer.getCameraId(), new Past(now, answer.getDetections(), minedAgain, drawnAgain));
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
        ? new Past(now, List.of(), now, now)
        : past;
  }

  private static Optional<Mined> mined(Past past, Detections answer, double uncertainty) {
    if (uncertainty > 0) {
      return Optional.of(new Mined(CandidateReason.UNCERTAIN, uncertainty));
    }
    long step = answer.getCaptureTimeMicros() - past.captureTimeMicros();
    if (step <= 0 || step > LONGEST_STEP_MICROS) {
      return Optional.empty();
    }
    double disagreement =
        Disagreement.between(
            past.detections(), answer.getDetections(), answer.getWidthPx(), answer.getHeightPx());
    return disagreement > 0
        ? Optional.of(new Mined(CandidateReason.DISAGREES, disagreement))
        : Optional.empty();
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
