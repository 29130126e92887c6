package dev.fovea.standalone.audit;

import dev.fovea.schema.avro.FrameLedger;
import dev.fovea.schema.avro.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A report as a person reads it. */
public final class ReportText {
  private static final String GAP = "  ";
  private static final String ALL = "all";

  private final AuditReport report;
  private final StringBuilder text = new StringBuilder();

  private ReportText(AuditReport report) {
    this.report = report;
  }

  /** The whole text, with its last line's end. */
  public static String of(AuditReport report) {
    return new ReportText(report).write();
  }

  /** A number of things in words, such as {@code 1,204 frames}. */
  static String count(long count, String one, String many) {
    return number(count) + " " + (count == 1 ? one : many);
  }

  private static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private String write() {
    line(
        "Audit of %s and %s, %s",
        report.framesTopic(), report.detectionsTopic(), stretch(report.window()));
    if (!report.cameras().isEmpty()) {
      line("");
      table(outcomes());
      line("");
      table(ledgers());
    }
    line("");
    findings();
    remarks();
    verdict();
    return text.toString();
  }

  private static String stretch(AuditWindow window) {
    String from = window.hasStart() ? "from " + CameraTally.time(window.fromMicros()) : "";
    String to = window.hasEnd() ? "to " + CameraTally.time(window.toMicros()) : "";
    return from.isEmpty() && to.isEmpty()
        ? "all that is kept"
        : "frames taken " + (from + " " + to).strip();
  }

  private List<List<String>> outcomes() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "camera",
            "frames",
            "detected",
            "unchanged",
            "stale",
            "undecodable",
            "not yet answered",
            "missing",
            "repeated",
            "out of order"));
    for (CameraReport camera : report.cameras()) {
      rows.add(
          row(
              camera.camera(),
              camera.published(),
              camera.outcome(Outcome.DETECTED),
              camera.outcome(Outcome.UNCHANGED),
              camera.outcome(Outcome.STALE),
              camera.outcome(Outcome.UNDECODABLE),
              camera.notYetAnswered() + camera.overdue(),
              camera.count(Fault.MISSING),
              camera.count(Fault.REPEATED),
              camera.count(Fault.OUT_OF_ORDER)));
    }
    if (report.cameras().size() > 1) {
      rows.add(
          row(
              ALL,
              report.sum(CameraReport::published),
              report.outcome(Outcome.DETECTED),
              report.outcome(Outcome.UNCHANGED),
              report.outcome(Outcome.STALE),
              report.outcome(Outcome.UNDECODABLE),
              report.sum(CameraReport::notYetAnswered) + report.sum(CameraReport::overdue),
              report.count(Fault.MISSING),
              report.count(Fault.REPEATED),
              report.count(Fault.OUT_OF_ORDER)));
    }
    return rows;
  }

  private static List<String> row(String name, long... numbers) {
    List<String> row = new ArrayList<>();
    row.add(name);
    for (long number : numbers) {
      row.add(number(number));
    }
    return row;
  }

  /** The two equations as columns: the first is cumulative, the second is of this stretch. */
  private List<List<String>> ledgers() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "ledger",
            "decoded",
            "= sampled out",
            "+ dropped",
            "+ published",
            "",
            "frames",
            "= answered",
            "+ not yet",
            ""));
    for (CameraReport camera : report.cameras()) {
      FrameLedger ledger = camera.ledger();
      rows.add(
          List.of(
              camera.camera(),
              ledger == null ? "-" : number(ledger.getDecoded()),
              ledger == null ? "-" : number(ledger.getSampledOut()),
              ledger == null ? "-" : number(CameraReport.dropped(ledger)),
              ledger == null ? "-" : number(ledger.getPublished()),
              ledger == null ? "" : offBy(camera.ledgerDifference()),
              number(camera.published() - camera.answersDeleted()),
              number(camera.answered()),
              number(camera.notYetAnswered() + camera.overdue()),
              offBy(camera.outcomeDifference())));
    }
    return rows;
  }

  private static String offBy(long difference) {
    return difference == 0 ? "holds" : "off by " + number(Math.abs(difference));
  }

  /** Columns as wide as they need: the first to the left, numbers to the right. */
  private void table(List<List<String>> rows) {
    int columns = rows.get(0).size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int column = 0; column < columns; column++) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder(pad(row.get(0), widths[0], false));
      for (int column = 1; column < columns; column++) {
        boolean isNumber = !rows.get(0).get(column).isEmpty();
        line.append(GAP).append(pad(row.get(column), widths[column], isNumber));
      }
      line("%s", line.toString().stripTrailing());
    }
  }

  private static String pad(String text, int width, boolean right) {
    String space = " ".repeat(width - text.length());
    return right ? space + text : text + space;
  }

  private void findings() {
    for (CameraReport camera : report.cameras()) {
      found("camera " + camera.camera(), camera.faults());
    }
    found("topics", report.faults());
  }

  private void found(String where, Map<Fault, Faults.Found> faults) {
    for (Fault fault : Fault.values()) {
      Faults.Found found = faults.get(fault);
      if (found != null) {
        line(
            "%s: %s %s%s",
            where,
            number(found.count()),
            fault.words(found.count()),
            (found.count() == 1 ? ": " : "; the first: ") + found.first());
      }
    }
  }

  private void remarks() {
    long deleted = report.sum(CameraReport::deletedAnswered);
    if (deleted > 0) {
      line(
          "%s deleted by retention after an answer; they count by their answers",
          count(deleted, "frame was", "frames were"));
    }
    long answersDeleted = report.sum(CameraReport::answersDeleted);
    if (answersDeleted > 0) {
      line(
          "%s older than the oldest answer kept, and not judged",
          count(answersDeleted, "frame is", "frames are"));
    }
    DeadLetters.Summary letters = report.deadLetters();
    if (letters.badRecords() > 0) {
      line(
          "%s on %s: %s with a dead letter, %s not yet",
          count(letters.badRecords(), "record that is no frame", "records that are no frames"),
          report.framesTopic(),
          number(letters.lettered()),
          number(letters.notYetLettered() + letters.overdue()));
    }
    if (letters.elsewhere() > 0) {
      line(
          "%s of other topics or services, not judged",
          count(letters.elsewhere(), "dead letter", "dead letters"));
    }
    report.notes().forEach(note -> line("%s", note));
  }

  private void verdict() {
    switch (report.verdict()) {
      case CLEAN ->
          line("Clean: every frame has exactly one answer, in order, and the ledger holds.");
      case NOT_CLEAN -> line("Not clean.");
      case CANNOT_TELL -> line("Cannot tell: %s.", String.join("; ", report.whyItCannotTell()));
    }
  }

  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
  }
}
