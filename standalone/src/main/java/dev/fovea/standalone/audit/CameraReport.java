package dev.fovea.standalone.audit;

import dev.fovea.schema.avro.FrameLedger;
import dev.fovea.schema.avro.Outcome;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an audit found of one camera, in its stretch of time.
 *
 * @param camera camera id
 * @param frames frames on the topic
 * @param deletedAnswered frames that retention has deleted after they had been answered
 * @param outcomes answers by outcome, one a frame; those of deleted frames included
 * @param notYetAnswered frames published a moment ago that no answer has come to
 * @param overdue frames that wait for longer, behind the last answer: whether they will be answered
 *     cannot be told from the topics
 * @param answersDeleted frames that are older than the oldest answer kept
 * @param ledger the ledger as of the last frame; null where there is no frame
 * @param faults what is wrong, by kind
 */
public record CameraReport(
    String camera,
    long frames,
    long deletedAnswered,
    Map<Outcome, Long> outcomes,
    long notYetAnswered,
    long overdue,
    long answersDeleted,
    @Nullable FrameLedger ledger,
    Map<Fault, Faults.Found> faults) {

  public CameraReport {
    outcomes = Map.copyOf(outcomes);
    faults = Map.copyOf(faults);
  }

  /** Answers, one a frame. */
  public long answered() {
    return outcomes.values().stream().mapToLong(Long::longValue).sum();
  }

  public long outcome(Outcome outcome) {
    return outcomes.getOrDefault(outcome, 0L);
  }

  public long count(Fault fault) {
    Faults.Found found = faults.get(fault);
    return found == null ? 0 : found.count();
  }

  /** Frames that ingest has numbered, on the topic or known to have been. */
  public long published() {
    return frames + deletedAnswered + count(Fault.DELETED_UNANSWERED) + count(Fault.LOST_FRAME);
  }

  /** By how many frames the first equation does not close, as of the last frame. */
  public long ledgerDifference() {
    return ledger == null ? 0 : difference(ledger);
  }

  /** By how many frames the second equation does not close. */
  public long outcomeDifference() {
    return published() - answered() - notYetAnswered - overdue - answersDeleted;
  }

  static long dropped(FrameLedger ledger) {
    return ledger.getDropped().values().stream().mapToLong(Long::longValue).sum();
  }

  static long difference(FrameLedger ledger) {
    return ledger.getDecoded() - ledger.getSampledOut() - dropped(ledger) - ledger.getPublished();
  }
}
