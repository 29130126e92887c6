package dev.fovea.standalone.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fovea.schema.avro.FrameLedger;
import dev.fovea.schema.avro.Outcome;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A report as JSON; {@code docs/audit.md} documents every field. */
public final class ReportJson {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private ReportJson() {}

  /** The report as an indented object. */
  public static String of(AuditReport report) {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("verdict", report.verdict().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    report.whyItCannotTell().forEach(root.putArray("cannotTell")::add);
    root.put("madeAt", report.madeAt().toString());
    root.put("framesTopic", report.framesTopic());
    root.put("detectionsTopic", report.detectionsTopic());
    AuditWindow window = report.window();
    root.put("from", window.hasStart() ? CameraTally.time(window.fromMicros()) : null);
    root.put("to", window.hasEnd() ? CameraTally.time(window.toMicros()) : null);
    var cameras = root.putArray("cameras");
    report.cameras().forEach(camera -> write(camera, cameras.addObject()));
    write(report.deadLetters(), root.putObject("deadLetters"));
    write(report.faults(), root.putObject("faults"));
    report.notes().forEach(root.putArray("notes")::add);
    try {
      return MAPPER.writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void write(CameraReport camera, ObjectNode node) {
    node.put("camera", camera.camera());
    node.put("frames", camera.published());
    ObjectNode outcomes = node.putObject("outcomes");
    for (Outcome outcome : Outcome.values()) {
      outcomes.put(outcome.name().toLowerCase(Locale.ROOT), camera.outcome(outcome));
    }
    node.put("answered", camera.answered());
    node.put("notYetAnswered", camera.notYetAnswered());
    node.put("overdue", camera.overdue());
    node.put("missing", camera.count(Fault.MISSING));
    node.put("repeated", camera.count(Fault.REPEATED));
    node.put("outOfOrder", camera.count(Fault.OUT_OF_ORDER));
    node.put("deletedAnswered", camera.deletedAnswered());
    node.put("deletedUnanswered", camera.count(Fault.DELETED_UNANSWERED));
    node.put("answersDeleted", camera.answersDeleted());
    FrameLedger ledger = camera.ledger();
    if (ledger == null) {
      node.putNull("ledger");
    } else {
      write(ledger, node.putObject("ledger"));
    }
    node.put("ledgerOffBy", camera.ledgerDifference());
    node.put("outcomesOffBy", camera.outcomeDifference());
    write(camera.faults(), node.putObject("faults"));
  }

  private static void write(FrameLedger ledger, ObjectNode node) {
    node.put("decoded", ledger.getDecoded());
    node.put("sampledOut", ledger.getSampledOut());
    ObjectNode dropped = node.putObject("dropped");
    new TreeMap<>(ledger.getDropped()).forEach(dropped::put);
    node.put("published", ledger.getPublished());
  }

  private static void write(DeadLetters.Summary letters, ObjectNode node) {
    node.put("recordsThatAreNoFrames", letters.badRecords());
    node.put("ofThemWithDeadLetter", letters.lettered());
    node.put("ofThemNotYet", letters.notYetLettered());
    node.put("ofThemOverdue", letters.overdue());
    node.put("undecodableFrames", letters.undecodable());
    node.put("ofOtherTopics", letters.elsewhere());
  }

  private static void write(Map<Fault, Faults.Found> faults, ObjectNode node) {
    for (Fault fault : Fault.values()) {
      Faults.Found found = faults.get(fault);
      if (found != null) {
        node.putObject(fault.key()).put("count", found.count()).put("first", found.first());
      }
    }
  }
}
