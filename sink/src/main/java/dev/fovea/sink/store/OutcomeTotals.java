package dev.fovea.sink.store;

import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.Outcome;

/**
 * What the detector has answered for one camera, cumulative: the right-hand side of the ledger's
 * second equation, published = detected + unchanged + stale + undecodable. It survives the removal
 * of old rows.
 *
 * <p>A camera's frames are numbered 1, 2, … and answered in that order, so a jump in the numbers is
 * a frame without an answer and a step back is one answered again. If numbering starts again at 1
 * with a later capture time, the camera's topics were made anew: so are these totals.
 *
 * @param camera camera id
 * @param detected answers with outcome DETECTED
 * @param unchanged answers with outcome UNCHANGED
 * @param stale answers with outcome STALE
 * @param undecodable answers with outcome UNDECODABLE
 * @param firstFrameNumber number of the first frame whose answer was counted here, from 1
 * @param lastFrameNumber highest frame number answered
 * @param lastCaptureTimeMicros latest capture time answered, microseconds since the epoch
 * @param missing frames between first and last that have no answer
 * @param repeated answers to frames that already had one
 */
public record OutcomeTotals(
    String camera,
    long detected,
    long unchanged,
    long stale,
    long undecodable,
    long firstFrameNumber,
    long lastFrameNumber,
    long lastCaptureTimeMicros,
    long missing,
    long repeated) {

  /** The totals after a camera's first answer. */
  public static OutcomeTotals first(Detections answer) {
    long number = answer.getFrameNumber();
    OutcomeTotals none =
        new OutcomeTotals(answer.getCameraId(), 0, 0, 0, 0, number, number - 1, 0, 0, 0);
    return none.counting(answer);
  }

  /** The totals with one more answer, in the order of the topic. */
  public OutcomeTotals plus(Detections answer) {
    return numberingStartsAgain(answer) ? first(answer) : counting(answer);
  }

  public long answered() {
    return detected + unchanged + stale + undecodable;
  }

  private boolean numberingStartsAgain(Detections answer) {
    return answer.getFrameNumber() == 1 && answer.getCaptureTimeMicros() > lastCaptureTimeMicros;
  }

  private OutcomeTotals counting(Detections answer) {
    Outcome outcome = answer.getOutcome();
    long number = answer.getFrameNumber();
    long skipped = Math.max(0, number - lastFrameNumber - 1);
    long again = number <= lastFrameNumber ? 1 : 0;
    return new OutcomeTotals(
        camera,
        detected + (outcome == Outcome.DETECTED ? 1 : 0),
        unchanged + (outcome == Outcome.UNCHANGED ? 1 : 0),
        stale + (outcome == Outcome.STALE ? 1 : 0),
        undecodable + (outcome == Outcome.UNDECODABLE ? 1 : 0),
        firstFrameNumber,
        Math.max(lastFrameNumber, number),
        Math.max(lastCaptureTimeMicros, answer.getCaptureTimeMicros()),
        missing + skipped,
        repeated + again);
  }
}
