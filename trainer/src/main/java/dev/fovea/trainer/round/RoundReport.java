package dev.fovea.trainer.round;

import dev.fovea.detector.model.ModelManifest;
import dev.fovea.trainer.TrainSettings;
import dev.fovea.trainer.evaluate.CocoMetrics;
import dev.fovea.trainer.evaluate.ErrorBreakdown;
import dev.fovea.trainer.evaluate.ErrorBreakdown.Cause;
import dev.fovea.trainer.evaluate.PrecisionRecall;
import dev.fovea.trainer.evaluate.ScoredBox;
import dev.fovea.trainer.labels.LabelVersion;
import dev.fovea.trainer.round.LineChart.Line;
import dev.fovea.trainer.round.Verdict.Finding;
import dev.fovea.trainer.round.Verdict.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A round as one page that needs nothing else: no script, no request, pictures and charts inside.
 * The verdict stands first.
 */
final class RoundReport {
  private static final int COLOURS = 7;
  private static final double CURVE_IOU = 0.5;

  private final RoundState state;
  private final TrainSettings recipe;
  private final LabelVersion labels;
  private final HoldOut holdOut;
  private final Progress.Curves curves;
  private final Measured candidate;
  private final Optional<Measured> live;
  private final int mistakes;
  private final Markup out = new Markup();

  RoundReport(
      RoundState state,
      TrainSettings recipe,
      LabelVersion labels,
      HoldOut holdOut,
      Progress.Curves curves,
      Measured candidate,
      Optional<Measured> live,
      int mistakes) {
    this.state = state;
    this.recipe = recipe;
    this.labels = labels;
    this.holdOut = holdOut;
    this.curves = curves;
    this.candidate = candidate;
    this.live = live;
    this.mistakes = mistakes;
  }

  String html() throws IOException {
    Verdict verdict = state.verdict().orElseThrow(() -> new IOException("it was never judged"));
    out.raw("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        .raw("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">")
        // Nothing is loaded from anywhere, whatever a name may try to smuggle in.
        .raw(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src"
                + " data:; style-src 'unsafe-inline'\">")
        .element("title", "Round " + state.number() + ", " + name(candidate))
        .raw("<style>\n")
        .raw(css())
        .raw("</style></head><body>\n");
    header();
    out.raw("<main><div>");
    cards();
    charts();
    classes(verdict);
    cameras(verdict);
    mistakes();
    out.raw("</div><div class=\"side\">");
    verdict(verdict);
    data();
    provenance();
    out.raw("</div></main></body></html>\n");
    return out.toString();
  }

  private static String name(Measured model) {
    return model.manifest().name();
  }

  private String candidateVersion() {
    return state.candidateVersion().orElse("the candidate");
  }

  private void header() {
    out.raw("<header>")
        .element("h1", "Round " + state.number() + " of " + name(candidate))
        .raw("<p>")
        .text(
            "%s against %s, on a hold-out of %d pictures with %d boxes that no training has seen; started %s, %s."
                .formatted(
                    candidateVersion(),
                    live.map(m -> m.manifest().version()).orElse("no live model"),
                    holdOut.data().pictures().size(),
                    holdOut.data().boxes(),
                    state.startedAt().truncatedTo(ChronoUnit.SECONDS),
                    state.startedFrom()))
        .raw("</p></header>");
  }

  // The verdict.

  private void verdict(Verdict verdict) {
    long refused = verdict.rules().stream().filter(r -> r.outcome() == Outcome.REFUSED).count();
    out.raw("<section class=\"verdict ")
        .raw(verdict.promoted() ? "promoted" : "refused")
        .raw("\"><h2>")
        .text(verdict.promoted() ? "Passed the gate" : "Held at the gate")
        .raw("</h2><p>")
        .text(
            refused == 0
                ? "All %d rules hold or could not be judged.".formatted(verdict.rules().size())
                : "%d of %d rules refused it.".formatted(refused, verdict.rules().size()))
        .raw("</p><ul class=\"rules\">");
    for (Outcome outcome : List.of(Outcome.REFUSED, Outcome.UNJUDGED, Outcome.PASSED)) {
      verdict.rules().stream().filter(r -> r.outcome() == outcome).forEach(this::rule);
    }
    out.raw("</ul></section>");
  }

  private void rule(Finding rule) {
    String word =
        switch (rule.outcome()) {
          case PASSED -> "passed";
          case REFUSED -> "refused";
          case UNJUDGED -> "unjudged";
        };
    String glyph =
        switch (rule.outcome()) {
          case PASSED -> "M3 8l3.5 4L13 4";
          case REFUSED -> "M3.5 3.5l9 9m0-9l-9 9";
          case UNJUDGED -> "M8 3v6m0 2.5v1.5";
        };
    out.raw(
            "<li class=\""
                + word
                + "\"><svg class=\"glyph\" viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"")
        .raw(glyph)
        .raw("\"/></svg><div>")
        .element("b", title(rule) + ", " + word)
        .raw("<br>")
        .element("span", rule.sentence())
        .raw("</div></li>");
  }

  private static String title(Finding rule) {
    return switch (rule.rule()) {
      case "hold-out" -> "Hold-out large enough";
      case Gate.GAIN -> "AP up";
      case "classes" -> "No class forgotten";
      case "class" -> "Class " + rule.subject();
      case "camera" -> "Camera " + rule.subject();
      case "latency" -> "Time a picture";
      default -> rule.rule();
    };
  }

  // Figures.

  private void cards() {
    out.raw("<div class=\"cards\">");
    card("AP", CocoMetrics::ap);
    card("AP50", CocoMetrics::ap50);
    card("AP75", CocoMetrics::ap75);
    card("AP, small objects", CocoMetrics::apSmall);
    if (live.isPresent()) {
      card("Time a picture, median", milliseconds(candidate), "was " + milliseconds(live.get()));
    }
    out.raw("</div>");
  }

  private interface Figure {
    double of(CocoMetrics metrics);
  }

  private void card(String name, Figure figure) {
    double after = figure.of(candidate.evaluation().metrics());
    Optional<Double> before = live.map(m -> figure.of(m.evaluation().metrics()));
    card(
        name,
        number(after),
        before
            .map(b -> "was " + number(b) + (after < 0 || b < 0 ? "" : ", " + signed(after - b)))
            .orElse("no live model"));
  }

  private void card(String name, String value, String was) {
    out.raw("<div class=\"card\">")
        .element("div class=\"name\"", name)
        .element("div class=\"value\"", value)
        .element("div class=\"was\"", was)
        .raw("</div>");
  }

  private static String milliseconds(Measured model) {
    return String.format(Locale.ROOT, "%.1f ms", model.contender().millisPerPicture());
  }

  private static String number(double ap) {
    return ap < 0 ? "none" : String.format(Locale.ROOT, "%.3f", ap);
  }

  private static String signed(double difference) {
    return String.format(Locale.ROOT, "%+.3f", difference).replace('-', '\u2212');
  }

  // Charts.

  private void charts() {
    out.raw("<section><h2>Training</h2><div class=\"charts\">");
    lossChart().writeTo(out);
    accuracyChart().writeTo(out);
    out.raw("</div></section><section><h2>Precision and recall at IoU .50</h2>")
        .raw("<p class=\"none\">")
        .text(live.isPresent() ? "Solid: the candidate. Dashed: the live model." : "The candidate.")
        .raw("</p><div class=\"charts\">");
    for (String label : holdOut.data().classes()) {
      curveChart(label).ifPresent(chart -> chart.writeTo(out));
    }
    out.raw("</div></section>");
  }

  private LineChart lossChart() {
    double most =
        curves.losses().stream().mapToDouble(p -> Math.max(p.classes(), p.boxes())).max().orElse(1);
    int steps = recipe.schedule().steps();
    return new LineChart("Loss, each step's mean", "steps", steps, roundUp(most))
        .line(
            new Line(
                "class",
                1,
                false,
                curves.losses().stream().map(p -> new double[] {p.step(), p.classes()}).toList()))
        .line(
            new Line(
                "box",
                2,
                false,
                curves.losses().stream().map(p -> new double[] {p.step(), p.boxes()}).toList()));
  }

  private LineChart accuracyChart() {
    int steps = recipe.schedule().steps();
    return new LineChart("AP in training, averaged weights", "steps", steps, 1)
        .line(
            new Line(
                "AP",
                1,
                false,
                curves.accuracies().stream().map(p -> new double[] {p.step(), p.ap()}).toList()))
        .line(
            new Line(
                "AP50",
                2,
                false,
                curves.accuracies().stream().map(p -> new double[] {p.step(), p.ap50()}).toList()));
  }

  /** The next 1, 2 or 5 times a power of ten. */
  private static double roundUp(double most) {
    if (!(most > 0)) {
      return 1;
    }
    double power = Math.pow(10, Math.floor(Math.log10(most)));
    for (double factor : new double[] {1, 2, 5}) {
      if (factor * power >= most) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  private Optional<LineChart> curveChart(String label) {
    Optional<Line> after = curve(candidate, label, "candidate", false);
    if (after.isEmpty()) {
      return Optional.empty();
    }
    LineChart chart = new LineChart(label, "recall (up: precision)", 1, 1);
    live.flatMap(m -> curve(m, label, "live", true)).ifPresent(chart::line);
    return Optional.of(chart.line(after.get()));
  }

  private Optional<Line> curve(Measured model, String label, String name, boolean dashed) {
    int colour = 1 + holdOut.data().classes().indexOf(label) % COLOURS;
    return model.evaluation().curves().stream()
        .filter(c -> c.label().equals(label) && c.iou() == CURVE_IOU)
        .findFirst()
        .map(PrecisionRecall::precision)
        .map(
            precision -> {
              List<double[]> points = new ArrayList<>();
              // Beyond the largest recall there is no precision to draw.
              for (int r = 0; r < precision.size() && precision.get(r) > 0; r++) {
                points.add(new double[] {r / 100.0, precision.get(r)});
              }
              return new Line(name, colour, dashed, points);
            });
  }

  // Tables.

  private void classes(Verdict verdict) {
    out.raw("<section><h2>By class</h2>");
    parts(verdict, "class");
    out.raw("</section>");
  }

  private void cameras(Verdict verdict) {
    out.raw("<section><h2>By camera</h2>");
    parts(verdict, "camera");
    out.raw("</section>");
  }

  private void parts(Verdict verdict, String rule) {
    List<Finding> found = verdict.rules().stream().filter(f -> f.rule().equals(rule)).toList();
    if (found.isEmpty()) {
      out.raw("<p class=\"none\">The hold-out names none.</p>");
      return;
    }
    out.raw("<div class=\"scroll\"><table><tr>").element("th", rule);
    for (String head : List.of("live AP", "candidate AP", "change", "boxes")) {
      out.element("th class=\"number\"", head);
    }
    out.raw("</tr>");
    for (Finding finding : found) {
      part(finding);
    }
    out.raw("</table></div>");
  }

  private void part(Finding finding) {
    Map<String, Double> figures = finding.figures();
    Double after = figures.get("candidate");
    Double before = figures.get("live");
    out.raw("<tr>").element("td", finding.subject());
    out.element("td class=\"number\"", before == null || live.isEmpty() ? "–" : number(before));
    out.element("td class=\"number\"", after == null ? "–" : number(after));
    String change = after == null || before == null ? "–" : signed(after - before);
    boolean refused = finding.outcome() == Outcome.REFUSED;
    out.element(
        refused ? "td class=\"number worse\"" : "td class=\"number\"",
        refused ? change + ", too much" : change);
    out.element(
        "td class=\"number\"",
        String.format(Locale.ROOT, "%.0f", figures.getOrDefault("boxes", 0.0)));
    out.raw("</tr>");
  }

  // Mistakes.

  private void mistakes() {
    float threshold = candidate.manifest().scoreThreshold();
    List<ScoredBox> served =
        candidate.contender().detections().stream().filter(b -> b.score() >= threshold).toList();
    ErrorBreakdown errors = ErrorBreakdown.of(holdOut.data(), served);
    out.raw("<section><h2>The worst mistakes</h2><p class=\"none\">")
        .text(
            String.format(
                Locale.ROOT,
                "Of the candidate at the serving threshold %.2f: %d missed, %d where nothing is, %d"
                    + " of the wrong class, %d misplaced, %d duplicates, %d wrong in both. White:"
                    + " what was labelled.",
                threshold,
                errors.share(Cause.MISSED).count(),
                errors.share(Cause.BACKGROUND).count(),
                errors.share(Cause.CLASS).count(),
                errors.share(Cause.PLACE).count(),
                errors.share(Cause.DUPLICATE).count(),
                errors.share(Cause.BOTH).count()))
        .raw("</p>");
    new MistakePictures(holdOut, errors).writeTo(out, mistakes);
    out.raw("</section>");
  }

  // What it was made of.

  private void data() {
    out.raw("<section><h2>The data set</h2><table class=\"facts\">");
    fact("version", labels.id());
    fact("pictures to train on", String.valueOf(labels.trainPictures()));
    fact("pictures held out", String.valueOf(labels.valPictures()));
    fact("pictures withheld", String.valueOf(labels.withheldPictures()));
    fact("boxes", String.valueOf(labels.boxes()));
    labels.boxesByClass().forEach((name, boxes) -> fact("boxes of " + name, boxes.toString()));
    labels
        .picturesByCamera()
        .forEach((camera, pictures) -> fact("pictures of " + camera, pictures.toString()));
    out.raw("</table></section>");
  }

  private void provenance() throws IOException {
    ModelManifest manifest = candidate.manifest();
    out.raw("<section><h2>Made of</h2><table class=\"facts\">");
    fact("started", state.startedFrom());
    fact("seed", String.valueOf(state.seed()));
    fact("steps", String.valueOf(recipe.schedule().steps()));
    fact("learning rate", String.valueOf(recipe.optimizer().learningRate()));
    fact("model.onnx, SHA-256", manifest.sha256());
    state.liveManifestSha256().ifPresent(sum -> fact("live manifest, SHA-256", sum));
    fact("training labels, SHA-256", sha256(labels.trainJson()));
    fact("hold-out labels, SHA-256", sha256(labels.valJson()));
    fact("Fovea", version(RoundReport.class));
    fact("ONNX Runtime", version(ai.onnxruntime.OrtEnvironment.class));
    fact("DJL", version(ai.djl.engine.Engine.class));
    fact("Java", System.getProperty("java.vendor") + " " + Runtime.version());
    fact(
        "machine",
        System.getProperty("os.arch")
            + ", "
            + Runtime.getRuntime().availableProcessors()
            + " processors");
    out.raw("</table><details><summary>Every setting</summary>")
        .element("pre", recipe.render())
        .raw("</details></section>");
  }

  private void fact(String name, String value) {
    out.raw("<tr>").element("td", name).element("td", value).raw("</tr>");
  }

  private static String version(Class<?> type) {
    String version = type.getPackage().getImplementationVersion();
    return version == null ? "not said" : version;
  }

  private static String sha256(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      DigestInputStream digested = new DigestInputStream(in, MessageDigest.getInstance("SHA-256"));
      digested.transferTo(java.io.OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(digested.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static String css() throws IOException {
    try (InputStream in = RoundReport.class.getResourceAsStream("report.css")) {
      if (in == null) {
        throw new IOException("report.css is not on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
