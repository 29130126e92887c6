package dev.fovea.standalone.audit;

import dev.fovea.schema.avro.AnswerHead;
import dev.fovea.schema.avro.CameraStatus;
import dev.fovea.schema.avro.FrameHead;
import dev.fovea.schema.avro.FrameLedger;
import dev.fovea.schema.avro.Outcome;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One camera's numbers: first told its answers, then its frames, each in the order of their topic.
 * An answer and its frame are joined by the frame's number.
 */
final class CameraTally {
  /**
   * Where a frame stands.
   *
   * @param partition of the frames topic
   * @param offset there
   * @param answerDue a later frame of the partition has been answered, and answers come in order
   * @param answerDeleted it is older than the oldest answer kept
   * @param lettered there is a dead letter of it
   * @param cutShort older frames of the partition have been deleted by retention
   * @param holes how often frames of the partition were deleted while they were being read
   */
  record Standing(
      int partition,
      long offset,
      boolean answerDue,
      boolean answerDeleted,
      boolean lettered,
      boolean cutShort,
      int holes) {}

  private static final long NONE = -1;

  private final String camera;
  private final AuditWindow window;
  private final long recentFromMicros;
  private final Faults faults = new Faults();

  private final NumberSet answers = new NumberSet();
  private final Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
  private long lastAnswered = NONE;
  private int answerPartition;

  private final NumberSet numbers = new NumberSet();
  private long frames;
  private long lastNumber = NONE;
  private long maxNumber = NONE;
  private long lastCaptureMicros;
  private int lastHoles;
  private long matched;
  private long deletedAnswered;
  private long answersDeleted;
  private long notYetAnswered;
  private long overdue;
  private @Nullable FrameLedger ledger;

  /**
   * @param recentFromMicros frames published before this are no longer simply under way
   */
  CameraTally(String camera, AuditWindow window, long recentFromMicros) {
    this.camera = camera;
    this.window = window;
    this.recentFromMicros = recentFromMicros;
  }

  /** An answer within the window, found at {@code offset} of its partition. */
  void answer(AnswerHead answer, int partition, long offset) {
    long number = answer.getFrameNumber();
    answerPartition = partition;
    if (!answers.add(number)) {
      faults.add(
          Fault.REPEATED,
          () ->
              "frame %d is answered again at partition %d, offset %d"
                  .formatted(number, partition, offset));
      return;
    }
    outcomes.merge(answer.getOutcome(), 1L, Long::sum);
    if (number < lastAnswered) {
      long before = lastAnswered;
      faults.add(
          Fault.OUT_OF_ORDER,
          () ->
              "frame %d is answered after frame %d, at partition %d, offset %d"
                  .formatted(number, before, partition, offset));
    }
    lastAnswered = number;
  }

  /** A frame, within the window or not. */
  void frame(FrameHead frame, Standing standing) {
    long number = frame.getLedger().getPublished();
    boolean within = window.contains(frame.getCaptureTimeMicros());
    boolean isNew = !within || numbers.add(number);
    if (within) {
      frames++;
      checkNumber(frame, standing, isNew);
      checkLedger(frame);
      if (isNew) {
        join(frame, standing);
      }
    }
    lastNumber = number;
    maxNumber = Math.max(maxNumber, number);
    lastCaptureMicros = frame.getCaptureTimeMicros();
    lastHoles = standing.holes();
  }

  private void checkNumber(FrameHead frame, Standing standing, boolean isNew) {
    long number = frame.getLedger().getPublished();
    if (lastNumber == NONE) {
      if (standing.cutShort() && !answers.isEmpty()) {
        deleted(answers.min(), number);
      }
      return;
    }
    long before = lastNumber;
    if (!isNew || number < before) {
      faults.add(
          Fault.FRAME_NUMBER,
          () -> "%s comes after frame %d".formatted(words(frame, standing), before));
      if (isNew) {
        faults.takeBack(Fault.LOST_FRAME);
      }
    } else if (standing.holes() != lastHoles) {
      deleted(before + 1, number);
    } else {
      faults.add(
          Fault.LOST_FRAME,
          number - before - 1,
          () -> "%s comes after frame %d".formatted(words(frame, standing), before));
    }
    if (frame.getCaptureTimeMicros() <= lastCaptureMicros) {
      long earlier = lastCaptureMicros;
      faults.add(
          Fault.CAPTURE_TIME,
          () -> "%s comes after one of %s".formatted(words(frame, standing), time(earlier)));
    }
  }

  /** Frames from one number up to another are no longer on the topic. */
  private void deleted(long from, long to) {
    if (from < to) {
      long answered = answers.countBetween(from, to);
      deletedAnswered += answered;
      faults.add(
          Fault.DELETED_UNANSWERED,
          to - from - answered,
          () -> "among frames %d to %d".formatted(from, to - 1));
    }
  }

  private void checkLedger(FrameHead frame) {
    ledger = frame.getLedger();
    long difference = CameraReport.difference(frame.getLedger());
    if (difference != 0) {
      faults.add(Fault.LEDGER, () -> unbalanced("frame", frame.getLedger()));
    }
  }

  private void join(FrameHead frame, Standing standing) {
    if (answers.contains(frame.getLedger().getPublished())) {
      matched++;
    } else if (standing.lettered()) {
      faults.add(Fault.DEAD_LETTERED, () -> words(frame, standing));
    } else if (standing.answerDeleted()) {
      answersDeleted++;
    } else if (standing.answerDue()) {
      faults.add(Fault.MISSING, () -> words(frame, standing));
    } else if (frame.getPublishTimeMicros() >= recentFromMicros) {
      notYetAnswered++;
    } else {
      overdue++;
    }
  }

  /** Whether an answer within the window says that a number was answered. */
  boolean isAnswered(long number) {
    return answers.contains(number);
  }

  void fault(Fault fault, FrameHead frame, Standing standing) {
    faults.add(fault, () -> words(frame, standing));
  }

  /** Partition of the answers; the frames' is the same. */
  int answerPartition() {
    return answerPartition;
  }

  /**
   * Closes the books.
   *
   * @param status the camera's last; null where there is none
   * @param framesCutShort whether frames of {@link #answerPartition} have been deleted by retention
   */
  CameraReport report(@Nullable CameraStatus status, boolean framesCutShort) {
    if (numbers.isEmpty() && framesCutShort && !answers.isEmpty()) {
      deleted(answers.min(), answers.max() + 1);
    }
    long noFrame = answers.size() - matched - deletedAnswered;
    faults.add(
        Fault.NO_FRAME,
        noFrame,
        () ->
            deletedAnswered > 0
                ? "among frames %d to %d".formatted(answers.min(), answers.max())
                : "frame %d".formatted(answers.firstNotIn(numbers)));
    if (status != null && maxNumber != NONE) {
      check(status);
    }
    return new CameraReport(
        camera,
        frames,
        deletedAnswered,
        outcomes,
        notYetAnswered,
        overdue,
        answersDeleted,
        ledger,
        faults.found());
  }

  /** A status speaks of what Kafka had acknowledged before the frames' ends were looked up. */
  private void check(CameraStatus status) {
    FrameLedger said = status.getLedger();
    if (CameraReport.difference(said) != 0) {
      faults.add(Fault.STATUS_LEDGER, () -> unbalanced("status", said));
    }
    faults.add(
        Fault.STATUS_AHEAD,
        Math.max(0, said.getPublished() - maxNumber),
        () ->
            "the status of %s says %d, the last frame is %d"
                .formatted(time(status.getReportedAtMicros()), said.getPublished(), maxNumber));
  }

  private static String unbalanced(String what, FrameLedger ledger) {
    return "%s %d: decoded %d, but sampled out %d + dropped %d + published %d"
        .formatted(
            what,
            ledger.getPublished(),
            ledger.getDecoded(),
            ledger.getSampledOut(),
            CameraReport.dropped(ledger),
            ledger.getPublished());
  }

  private static String words(FrameHead frame, Standing standing) {
    return "frame %d, taken %s, at partition %d, offset %d"
        .formatted(
            frame.getLedger().getPublished(),
            time(frame.getCaptureTimeMicros()),
            standing.partition(),
            standing.offset());
  }

  static String time(long micros) {
    return Instant.ofEpochMilli(Math.floorDiv(micros, 1_000L)).toString();
  }
}
