package dev.fovea.standalone.audit;

import dev.fovea.schema.avro.Outcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * What an audit found.
 *
 * @param framesTopic name of the topic of frames
 * @param detectionsTopic name of the topic of answers
 * @param madeAt when it was made
 * @param window the stretch of capture time that was asked for
 * @param cameras each camera's part, by name
 * @param deadLetters the dead letters' part
 * @param faults what is wrong and belongs to no camera
 * @param notes what a reader should know of how far the audit could see
 */
public record AuditReport(
    String framesTopic,
    String detectionsTopic,
    Instant madeAt,
    AuditWindow window,
    List<CameraReport> cameras,
    DeadLetters.Summary deadLetters,
    Map<Fault, Faults.Found> faults,
    List<String> notes) {

  /** What an audit comes to, with the exit status that says so. */
  public enum Verdict {
    CLEAN(0),
    NOT_CLEAN(1),
    CANNOT_TELL(2);

    private final int status;

    Verdict(int status) {
      this.status = status;
    }

    public int status() {
      return status;
    }
  }

  public AuditReport {
    cameras = List.copyOf(cameras);
    faults = Map.copyOf(faults);
    notes = List.copyOf(notes);
  }

  public Verdict verdict() {
    if (!faults.isEmpty() || cameras.stream().anyMatch(camera -> !camera.faults().isEmpty())) {
      return Verdict.NOT_CLEAN;
    }
    return whyItCannotTell().isEmpty() ? Verdict.CLEAN : Verdict.CANNOT_TELL;
  }

  /**
   * What keeps it from saying that all is well though nothing is wrong; empty where nothing does.
   */
  public List<String> whyItCannotTell() {
    List<String> reasons = new ArrayList<>();
    long overdue = sum(CameraReport::overdue) + deadLetters.overdue();
    if (overdue > 0) {
      reasons.add(
          ReportText.count(overdue, "frame waits", "frames wait")
              + " behind the last answer for longer than --grace: no detector runs, or it is behind");
    }
    if (sum(CameraReport::published) + sum(CameraReport::answered) + deadLetters.badRecords()
        == 0) {
      reasons.add("there are no frames and no answers in this stretch");
    }
    return reasons;
  }

  long sum(ToLongFunction<CameraReport> what) {
    return cameras.stream().mapToLong(what).sum();
  }

  long count(Fault fault) {
    Faults.Found own = faults.get(fault);
    return (own == null ? 0 : own.count()) + sum(camera -> camera.count(fault));
  }

  long outcome(Outcome outcome) {
    return sum(camera -> camera.outcome(outcome));
  }
}
