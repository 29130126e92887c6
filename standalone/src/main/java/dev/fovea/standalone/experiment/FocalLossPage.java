package dev.fovea.standalone.experiment;

import dev.fovea.standalone.experiment.LineChart.Axis;
import dev.fovea.standalone.experiment.Variant.Paper;
import dev.fovea.trainer.loss.FocalLoss;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * {@code focal-loss.md} and its figures, made of the results alone: the method is fixed text, the
 * findings are computed, and what a person wrote between the two marks stays.
 */
public final class FocalLossPage {
  private static final String PAGE = "focal-loss.md";
  private static final String FIGURES = "focal-loss";
  private static final String RESULTS = "results.json";
  private static final String BY_HAND = "<!-- by hand, kept when the page is made anew -->";
  private static final String BY_HAND_END = "<!-- end -->";
  private static final List<Double> DRAWN_GAMMAS = List.of(0.0, 0.5, 1.0, 2.0, 5.0);

  /** Paper's ResNet-50 rows, which may be ranked together. */
  private static final List<String> RANKED =
      List.of("ce", "balanced-ce", "fl-0", "fl-0.5", "fl-1", "fl-2", "fl-5");

  private final Results results;

  private FocalLossPage(Results results) {
    this.results = results;
  }

  /** Writes results, figures and page into a folder of documents. */
  public static void write(Path docs, Results results) throws IOException {
    Path figures = Files.createDirectories(docs.resolve(FIGURES));
    ResultFiles.write(figures.resolve(RESULTS), results);
    FocalLossPage page = new FocalLossPage(results);
    Files.writeString(figures.resolve("loss-against-probability.svg"), page.lossChart());
    if (results.concentration().isPresent()) {
      Concentration c = results.concentration().get();
      Files.writeString(
          figures.resolve("foreground.svg"),
          page.concentrationChart("Outputs that should say yes", c.foreground()));
      Files.writeString(
          figures.resolve("background.svg"),
          page.concentrationChart("Outputs that should say no", c.background()));
    }
    Path file = docs.resolve(PAGE);
    Files.writeString(file, page.text(byHand(file)));
  }

  /**
   * Makes the page anew from the results beside it.
   *
   * @throws IOException naming the file that is missing or damaged
   */
  public static void rewrite(Path docs) throws IOException {
    Path file = docs.resolve(FIGURES).resolve(RESULTS);
    if (!Files.exists(file)) {
      throw new IOException(file + ": there are no results; run the experiment first");
    }
    write(docs, ResultFiles.readResults(file));
  }

  private static String byHand(Path page) throws IOException {
    if (!Files.exists(page)) {
      return "\n";
    }
    String text = Files.readString(page);
    int start = text.indexOf(BY_HAND);
    int end = text.indexOf(BY_HAND_END, Math.max(0, start));
    return start < 0 || end < 0 ? "\n" : text.substring(start + BY_HAND.length(), end);
  }

  private String text(String byHand) {
    List<String> parts = new ArrayList<>();
    parts.add(introduction());
    parts.add("## Table 1\n\n" + table() + "\n" + tableNote());
    parts.add("## What came out\n\n" + findings());
    parts.add(BY_HAND + byHand + BY_HAND_END);
    parts.add(lossSection());
    results.concentration().ifPresent(c -> parts.add(concentrationSection(c)));
    parts.add(method());
    return String.join("\n\n", parts).replaceAll("\n{3,}", "\n\n").strip() + "\n";
  }

  private static String introduction() {
    return """
    # Focal loss, and what it was held against

    Lin et al. (2017), *Focal Loss for Dense Object Detection*, table 1 and figures 1 and 4, done again on the drawn
    street: the same small RetinaNet, trained with cross entropy (CE), its balanced form, online hard example mining
    (OHEM) and focal loss (FL). Made by `./fovea experiment focal-loss`; the numbers are in
    [focal-loss/results.json](focal-loss/results.json), and `--page-only` makes this page of them again.\
    """;
  }

  private String table() {
    StringBuilder table = new StringBuilder();
    table.append(
        """
        | loss | AP | AP50 | seeds | class loss, first step | last tenth | paper: AP | AP50 | where |
        |---|---|---|---|---|---|---|---|---|
        """);
    for (Variant variant : Variant.all()) {
      List<RunResult> runs = results.of(variant);
      Paper paper = variant.paper();
      table.append(
          "| %s | %s | %s | %d | %s | %s | %s | %s | %s |%n"
              .formatted(
                  variant.name(),
                  spread(runs, run -> 100 * run.ap()),
                  spread(runs, run -> 100 * run.ap50()),
                  runs.size(),
                  mean(runs, RunResult::firstLoss),
                  mean(runs, RunResult::lastLoss),
                  paper.figures().map(f -> one(f.ap())).orElse("diverged"),
                  paper.figures().map(f -> one(f.ap50())).orElse(""),
                  paper.place()));
    }
    return table.toString();
  }

  private static String tableNote() {
    return """
    AP and AP50 in percent, mean ± standard deviation over the seeds. Ours: drawn streets, three classes. The paper's:
    COCO minival, 80 classes, ResNet-50 at 600 px (OHEM: ResNet-101, where FL has 36.0 and 54.9). The two may be compared
    in their order, not in their height. Balanced CE and FL with γ = 0 are one loss; they differ here in α, as the
    paper's rows do. Class losses are per foreground anchor and differ in scale from row to row.\
    """;
  }

  private static String spread(List<RunResult> runs, ToDoubleFunction<RunResult> figure) {
    if (runs.isEmpty()) {
      return "not run";
    }
    List<RunResult> whole = runs.stream().filter(run -> run.divergedAt().isEmpty()).toList();
    int diverged = runs.size() - whole.size();
    String note = diverged == 0 ? "" : "diverged " + diverged + " of " + runs.size();
    if (whole.isEmpty()) {
      return note;
    }
    Statistics s = Statistics.of(whole.stream().map(figure::applyAsDouble).toList());
    String text = whole.size() == 1 ? one(s.mean()) : one(s.mean()) + " ± " + one(s.deviation());
    return note.isEmpty() ? text : text + " (" + note + ")";
  }

  private static String mean(List<RunResult> runs, ToDoubleFunction<RunResult> figure) {
    return runs.isEmpty()
        ? ""
        : String.format(
            Locale.ROOT,
            "%.3g",
            Statistics.of(runs.stream().map(figure::applyAsDouble).toList()).mean());
  }

  /** Each a sentence, computed. */
  private String findings() {
    List<String> sentences = new ArrayList<>();
    best().ifPresent(sentences::add);
    againstFocal("ce", "CE").ifPresent(sentences::add);
    againstFocal("balanced-ce", "balanced CE with the same α").ifPresent(sentences::add);
    againstFocal("fl-0", "balanced CE with α .75").ifPresent(sentences::add);
    againstFocal("ohem", "OHEM").ifPresent(sentences::add);
    sentences.add(divergence());
    prior().ifPresent(sentences::add);
    order().ifPresent(sentences::add);
    return sentences.stream().map(s -> "- " + s).collect(Collectors.joining("\n"));
  }

  private Optional<String> best() {
    return Variant.all().stream()
        .filter(variant -> !results.of(variant).isEmpty())
        .max((a, b) -> Double.compare(meanAp(a), meanAp(b)))
        .map(
            variant ->
                "The highest mean AP is that of %s, %s; the paper's is that of FL with γ = 2."
                    .formatted(variant.name(), one(meanAp(variant))));
  }

  /** FL with γ = 2 beside another loss, seed by seed: same weights at the start, same pictures. */
  private Optional<String> againstFocal(String id, String name) {
    Map<Long, Double> other = apBySeed(id);
    Map<Long, Double> focal = apBySeed("fl-2");
    List<Double> differences = new ArrayList<>();
    focal.forEach(
        (seed, ap) -> {
          Double others = other.get(seed);
          if (others != null) {
            differences.add(ap - others);
          }
        });
    if (differences.isEmpty()) {
      return Optional.empty();
    }
    Statistics s = Statistics.of(differences);
    long higher = differences.stream().filter(d -> d > 0).count();
    double paper = paperAp("fl-2") - paperAp(id);
    String inPaper =
        id.equals("ohem") ? "the paper's, with ResNet-101: +3.2" : "the paper's: " + signed(paper);
    return Optional.of(
        "FL with γ = 2 against %s: %s AP (± %s), higher with %d of %d seeds (%s)."
            .formatted(
                name, signed(s.mean()), one(s.deviation()), higher, differences.size(), inPaper));
  }

  private String divergence() {
    String diverged =
        results.runs().stream()
            .filter(run -> run.divergedAt().isPresent())
            .map(
                run ->
                    "%s with seed %d at step %d"
                        .formatted(run.variant(), run.seed(), run.divergedAt().getAsInt()))
            .collect(Collectors.joining(", "));
    return diverged.isEmpty()
        ? "No run diverged. In the paper CE without the prior does (§5.1), under SGD; here the"
            + " optimizer is AdamW, whose steps do not grow with the gradient."
        : "Diverged: " + diverged + ".";
  }

  private Optional<String> prior() {
    List<RunResult> without = results.of(variant("ce-no-prior"));
    List<RunResult> with = results.of(variant("ce"));
    if (without.isEmpty() || with.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        "The prior takes CE's first class loss from %s to %s a foreground anchor, and its AP from %s to %s."
            .formatted(
                mean(without, RunResult::firstLoss),
                mean(with, RunResult::firstLoss),
                spread(without, run -> 100 * run.ap()),
                spread(with, run -> 100 * run.ap())));
  }

  private Optional<String> order() {
    List<Variant> ranked =
        RANKED.stream()
            .map(FocalLossPage::variant)
            .filter(variant -> !results.of(variant).isEmpty())
            .toList();
    if (ranked.size() < RANKED.size()) {
      return Optional.empty();
    }
    double correlation =
        Statistics.rankCorrelation(
            ranked.stream().map(this::meanAp).toList(),
            ranked.stream().map(v -> paperAp(v.id())).toList());
    return Optional.of(
        String.format(
            Locale.ROOT,
            "The order of the %d losses that the paper has with one network agrees with the paper's"
                + " by a rank correlation of %.2f (1: the same, 0: none).",
            ranked.size(),
            correlation));
  }

  private Map<Long, Double> apBySeed(String id) {
    return results.of(variant(id)).stream()
        .collect(Collectors.toMap(RunResult::seed, run -> 100 * run.ap()));
  }

  private double meanAp(Variant variant) {
    return Statistics.of(results.of(variant).stream().map(run -> 100 * run.ap()).toList()).mean();
  }

  private static double paperAp(String id) {
    return variant(id).paper().figures().map(Paper.Figures::ap).orElse(0.0);
  }

  private static Variant variant(String id) {
    return Variant.all().stream().filter(v -> v.id().equals(id)).findFirst().orElseThrow();
  }

  private static String lossSection() {
    return """
    ## Figure 1: loss against the probability of the right answer

    ![Loss against probability](focal-loss/loss-against-probability.svg)

    FL(p_t) = −(1 − p_t)^γ log(p_t). γ = 0 is cross entropy; above p_t = .5 an output is right, and the larger γ the less
    it still costs. Drawn from the code that trains.\
    """;
  }

  private String concentrationSection(Concentration c) {
    return """
    ## Figure 4: where the loss is

    ![Foreground](focal-loss/foreground.svg) ![Background](focal-loss/background.svg)

    The network trained with γ = 2 (first seed) over the validation pictures: %,d outputs that should say yes, %,d that
    should say no, each kind sorted by its loss, and the part of the kind's loss that the easiest so many make up.

    | γ | hardest 20 %% of foreground | hardest 20 %% of background | hardest 1 %% of background |
    |---|---|---|---|
    %s
    The paper's finding for COCO: of the foreground the hardest fifth makes up about half of the loss and γ changes
    little; of the background nearly all of the loss moves to a few hard examples as γ grows.\
    """
        .formatted(
            c.foregroundOutputs(),
            c.backgroundOutputs(),
            Concentration.GAMMAS.stream()
                .map(
                    gamma ->
                        String.format(
                            Locale.ROOT,
                            "| %s | %.0f %% | %.1f %% | %.1f %% |%n",
                            plain(gamma),
                            100 * Concentration.hardest(c.foreground(), gamma, 0.2),
                            100 * Concentration.hardest(c.background(), gamma, 0.2),
                            100 * Concentration.hardest(c.background(), gamma, 0.01)))
                .collect(Collectors.joining()));
  }

  private String method() {
    Map<String, String> s = results.settings();
    return """
    ## How it was done

    - Pictures: %s to learn from and %s to be measured on, drawn by `fovea synthesize`'s code, at %s×%s; no street is in
      both.
    - Network: ResNet-%s, channels × %s, pyramid and heads of %s channels, %s convolution in each head.
    - Training: %s steps of %s pictures, AdamW at %s, gradients not clipped, weights averaged; from nothing, where
      the paper starts from ImageNet's weights. A seed draws the first weights and the order of pictures, so that runs of
      one seed differ in the loss alone.
    - Every class loss is divided by the number of foreground anchors of the batch, OHEM's and CE's too, and the box loss
      is the same for all. OHEM scores an anchor by its cross entropy over all classes, suppresses at IoU .5, and takes the
      hardest 128 of a picture.
    - AP is COCO's, of the averaged weights, through the decoder that serves. A run that diverged counts as AP 0 where
      seeds are compared.
    - Settings of all runs: `settings` in results.json. α is the paper's best for each γ (table 1b).\
    """
        .formatted(
            s.get("pictures.train"),
            s.get("pictures.validation"),
            s.get("input.width"),
            s.get("input.height"),
            s.get("network.depth"),
            s.get("network.width-factor"),
            s.get("network.pyramid-channels"),
            s.get("network.head-convolutions"),
            s.get("schedule.steps"),
            s.get("schedule.batch"),
            s.get("optimizer.learning-rate"));
  }

  private String lossChart() {
    LineChart chart =
        new LineChart(
            "Focal loss",
            new Axis("probability of the right answer, p_t", 1),
            new Axis("loss", 5),
            true);
    for (double gamma : DRAWN_GAMMAS) {
      FocalLoss loss = new FocalLoss(-1, gamma);
      List<double[]> points = new ArrayList<>();
      for (int i = 1; i <= 400; i++) {
        points.add(new double[] {i / 400.0, loss.at(i / 400.0)});
      }
      chart.line("γ = " + plain(gamma), points);
    }
    return chart.svg();
  }

  private String concentrationChart(String title, Map<Double, List<Double>> lines) {
    LineChart chart =
        new LineChart(
            title,
            new Axis("fraction of the outputs, easiest first", 1),
            new Axis("cumulative normalised loss", 1),
            false);
    lines.forEach(
        (gamma, values) -> {
          List<double[]> points = new ArrayList<>();
          for (int i = 0; i < values.size(); i++) {
            points.add(new double[] {(double) i / (values.size() - 1), values.get(i)});
          }
          chart.line("γ = " + plain(gamma), points);
        });
    return chart.svg();
  }

  private static String plain(double value) {
    return value == Math.rint(value)
        ? String.valueOf(Math.round(value))
        : String.valueOf(value).replaceFirst("^0", "");
  }

  private static String one(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private static String signed(double value) {
    return String.format(Locale.ROOT, "%+.1f", value);
  }
}
