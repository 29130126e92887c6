package dev.fovea.standalone.models;

import dev.fovea.detector.model.ModelManifest;
import dev.fovea.standalone.models.ModelSite.Listed;
import dev.fovea.trainer.round.RoundState;
import dev.fovea.trainer.round.Verdict;
import java.io.PrintWriter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Releases for a person. */
public final class ReleaseText {
  private static final String ROW = "%-24s %-9s %7s %7s  %-6s %s%n";
  private static final String NONE = "-";

  private final PrintWriter out;

  public ReleaseText(PrintWriter out) {
    this.out = out;
  }

  /** A table, oldest first. */
  public void list(String model, List<Listed> releases) {
    if (releases.isEmpty()) {
      out.println("The store has no release of " + model + " yet.");
      return;
    }
    out.printf(ROW, "version", "stage", "AP", "AP50", "round", "kept");
    for (Listed listed : releases) {
      ModelManifest manifest = listed.manifest();
      out.printf(
          ROW,
          manifest.version(),
          word(listed.stage()),
          figure(manifest, "AP"),
          figure(manifest, "AP50"),
          listed.round().map(r -> String.valueOf(r.number())).orElse(NONE),
          listed.keptAt().map(t -> t.truncatedTo(ChronoUnit.SECONDS).toString()).orElse(NONE));
    }
  }

  /** Everything about one. */
  public void show(Listed listed) {
    ModelManifest manifest = listed.manifest();
    line("model", manifest.name());
    line("version", manifest.version());
    line("stage", word(listed.stage()));
    line("place", listed.place());
    line("manifest, SHA-256", listed.manifestSha256());
    line("model.onnx, SHA-256", manifest.sha256());
    line("input", manifest.inputWidthPx() + "x" + manifest.inputHeightPx());
    line("classes", String.join(", ", manifest.classes()));
    new TreeMap<>(manifest.metrics())
        .forEach((name, value) -> line(name, String.format(Locale.ROOT, "%.4f", value)));
    new TreeMap<>(manifest.provenance()).forEach(this::line);
    listed.round().flatMap(RoundState::verdict).ifPresent(this::verdict);
  }

  private void verdict(Verdict verdict) {
    out.println();
    out.println(verdict.promoted() ? "The gate let it pass:" : "The gate held it back:");
    for (Verdict.Finding finding : verdict.rules()) {
      out.printf(
          "  %-8s %s%n", finding.outcome().name().toLowerCase(Locale.ROOT), finding.sentence());
    }
  }

  /** What differs between two. */
  public void diff(Listed a, Listed b) {
    ModelManifest before = a.manifest();
    ModelManifest after = b.manifest();
    out.printf("%-28s %-24s %-24s%n", "", before.version(), after.version());
    Map<String, String> fieldsBefore = fields(before);
    Map<String, String> fieldsAfter = fields(after);
    for (String field : fieldsBefore.keySet()) {
      difference(
          field, fieldsBefore.getOrDefault(field, NONE), fieldsAfter.getOrDefault(field, NONE));
    }
    TreeSet<String> figures = new TreeSet<>(before.metrics().keySet());
    figures.addAll(after.metrics().keySet());
    for (String figure : figures) {
      metric(figure, before.metrics().get(figure), after.metrics().get(figure));
    }
    TreeSet<String> origins = new TreeSet<>(before.provenance().keySet());
    origins.addAll(after.provenance().keySet());
    for (String origin : origins) {
      difference(
          origin,
          before.provenance().getOrDefault(origin, NONE),
          after.provenance().getOrDefault(origin, NONE));
    }
  }

  private static Map<String, String> fields(ModelManifest m) {
    Map<String, String> fields = new TreeMap<>();
    fields.put("input", m.inputWidthPx() + "x" + m.inputHeightPx() + " " + m.fit());
    fields.put("mean, scale", m.mean() + ", " + m.scale());
    fields.put("classes", String.join(", ", m.classes()));
    fields.put("anchors", m.anchors().toString());
    fields.put("score threshold", String.valueOf(m.scoreThreshold()));
    fields.put("NMS IoU", String.valueOf(m.nmsIou()));
    fields.put("top k, most detections", m.topKPerLevel() + ", " + m.maxDetections());
    fields.put("model.onnx, SHA-256", m.sha256().substring(0, 12));
    return fields;
  }

  private void difference(String name, String before, String after) {
    if (before.equals(after)) {
      return;
    }
    if (before.length() <= 24 && after.length() <= 24) {
      out.printf("%-28s %-24s %-24s%n", name, before, after);
    } else {
      out.printf("%s%n  - %s%n  + %s%n", name, before, after);
    }
  }

  private void metric(String name, @Nullable Double before, @Nullable Double after) {
    if (Objects.equals(before, after)) {
      return;
    }
    String change =
        before == null || after == null ? "" : String.format(Locale.ROOT, "%+.4f", after - before);
    out.printf("%-28s %-24s %-16s %s%n", name, figure(before), figure(after), change);
  }

  private static String figure(ModelManifest manifest, String name) {
    return figure(manifest.metrics().get(name));
  }

  private static String figure(@Nullable Double value) {
    return value == null ? NONE : String.format(Locale.ROOT, "%.4f", value);
  }

  private static String word(ModelSite.Stage stage) {
    return stage.name().toLowerCase(Locale.ROOT);
  }

  private void line(String name, Object value) {
    out.printf("%-20s %s%n", name, value);
  }
}
