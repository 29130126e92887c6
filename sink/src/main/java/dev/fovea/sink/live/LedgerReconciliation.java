package dev.fovea.sink.live;

import dev.fovea.schema.avro.FrameLedger;
import dev.fovea.sink.live.CameraView.LedgerView;
import dev.fovea.sink.store.OutcomeTotals;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Holds one camera's published frames against the answers in the store.
 *
 * <p>The frames of a camera are numbered 1, 2, … and answered in that order. With {@code published}
 * the newest number heard of and {@code last} the newest number answered in the store:
 *
 * <ul>
 *   <li>numbers up to {@code last} without an answer, or with two, are unaccounted for at once: no
 *       later answer can put that right;
 *   <li>numbers above {@code last} are in flight. They become unaccounted for only when they are
 *       older than {@value #SETTLING_MICROS} µs <em>and</em> the detector has committed past them
 *       <em>and</em> the store has read all that the detector had written by then ({@code
 *       accountedUpTo}): until then they wait in Kafka, where nothing is lost, however long the
 *       queue.
 * </ul>
 *
 * <p>A ledger whose own equation (decoded = sampled out + dropped + published) does not close adds
 * the difference. Not thread-safe; {@link CameraBoard} guards it.
 */
final class LedgerReconciliation {
  /** Frames younger than this are simply under way: a detector and a database need a moment. */
  private static final long MOMENT_MICROS = 3_000_000;

  static final long SETTLING_MICROS = 10_000_000;

  /** A transaction's offsets can be seen a moment before its records are. */
  private static final long VISIBILITY_MARGIN_MICROS = 2_000_000;

  private @Nullable FrameLedger newest;

  /** The newest frame number when it was last looked at, and when that was; 0 = none waits. */
  private long waitingNumber;

  private long waitingSinceMicros;

  /** Takes a ledger heard from a frame or a status, in any order; the newest one counts. */
  void heard(FrameLedger ledger) {
    FrameLedger known = newest;
    if (known == null || isNewer(ledger, known) || startsAgain(ledger, known)) {
      newest = ledger;
    }
  }

  /**
   * The ledger as of now.
   *
   * @param totals the camera's answers in the store; null where it has none
   * @param accountedUpToMicros every frame that was in Kafka at this time is answered in the store,
   *     or never will be; {@code Long.MIN_VALUE} where unknown
   */
  LedgerView view(@Nullable OutcomeTotals totals, long accountedUpToMicros, long nowMicros) {
    FrameLedger ledger = newest == null ? new FrameLedger(0L, 0L, Map.of(), 0L) : newest;
    long last = totals == null ? 0 : totals.lastFrameNumber();
    long published = Math.max(ledger.getPublished(), last);
    noteWaiting(published, last, nowMicros);

    boolean settled = waitingNumber > 0 && isSettled(accountedUpToMicros, nowMicros);
    long overdue = settled ? waitingNumber - last : 0;
    long beforeStore = totals == null ? 0 : totals.firstFrameNumber() - 1;
    if (totals == null && settled) {
      // The store knows nothing of this camera and has read everything there is: its answers have
      // been removed from the topic before this store existed.
      beforeStore = waitingNumber;
      overdue = 0;
    }
    long inFlight = published - Math.max(last, settled ? waitingNumber : 0);
    long unaccounted = unbalance(ledger) + overdue;
    if (totals != null) {
      unaccounted += totals.missing() + totals.repeated();
    }
    return new LedgerView(
        ledger.getDecoded(),
        ledger.getSampledOut(),
        new HashMap<>(ledger.getDropped()),
        published,
        totals == null ? 0 : totals.detected(),
        totals == null ? 0 : totals.unchanged(),
        totals == null ? 0 : totals.stale(),
        totals == null ? 0 : totals.undecodable(),
        beforeStore,
        inFlight,
        unaccounted,
        state(unaccounted, inFlight, nowMicros));
  }

  private void noteWaiting(long published, long last, long nowMicros) {
    if (published <= last) {
      waitingNumber = 0;
    } else if (waitingNumber == 0 || waitingNumber <= last || waitingNumber > published) {
      waitingNumber = published;
      waitingSinceMicros = nowMicros;
    }
  }

  private boolean isSettled(long accountedUpToMicros, long nowMicros) {
    return nowMicros - waitingSinceMicros > SETTLING_MICROS
        && accountedUpToMicros > waitingSinceMicros + VISIBILITY_MARGIN_MICROS;
  }

  private String state(long unaccounted, long inFlight, long nowMicros) {
    if (unaccounted != 0) {
      return "unbalanced";
    }
    boolean waitsLong =
        inFlight > 0 && waitingNumber > 0 && nowMicros - waitingSinceMicros > MOMENT_MICROS;
    return waitsLong ? "settling" : "balanced";
  }

  /** By how many frames the ledger's own equation does not close; 0 in a healthy system. */
  private static long unbalance(FrameLedger ledger) {
    long dropped = ledger.getDropped().values().stream().mapToLong(Long::longValue).sum();
    return Math.abs(ledger.getDecoded() - ledger.getSampledOut() - dropped - ledger.getPublished());
  }

  private static boolean isNewer(FrameLedger ledger, FrameLedger known) {
    return ledger.getDecoded() > known.getDecoded()
        || (ledger.getDecoded() == known.getDecoded()
            && ledger.getPublished() > known.getPublished());
  }

  /** The camera's topics were made anew: its very first frame, after others. */
  private static boolean startsAgain(FrameLedger ledger, FrameLedger known) {
    return ledger.getPublished() == 1 && known.getPublished() > 1;
  }
}
