package dev.fovea.trainer.round;

import dev.fovea.trainer.evaluate.CocoEvaluator;
import dev.fovea.trainer.evaluate.MatchTable;
import dev.fovea.trainer.round.Verdict.Finding;
import dev.fovea.trainer.round.Verdict.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Decides whether a candidate takes the live model's place. A candidate that is no better passes in
 * at most one round in 1 / (1 − confidence); the same model again never passes. Pure: the same
 * input and settings have the same verdict.
 */
public final class Gate {
  /** The rule about AP as a whole, and what its figures call the two models' AP. */
  static final String GAIN = "gain";

  static final String CANDIDATE = "candidate";
  static final String LIVE = "live";

  private static final Contender NOTHING = new Contender(List.of(), List.of(), 0);

  private final GateSettings settings;

  public Gate(GateSettings settings) {
    this.settings = settings;
  }

  /**
   * Judges a candidate.
   *
   * @param live what it would replace; without one, the gain is that over finding nothing at all
   */
  public Verdict judge(HoldOut holdOut, Contender candidate, Optional<Contender> live) {
    return new Comparison(holdOut, candidate, live).verdict();
  }

  /** One judgement: both models matched against the hold-out once. */
  private final class Comparison {
    private final HoldOut holdOut;
    private final Contender candidate;
    private final Optional<Contender> live;
    private final List<Long> pictureIds;
    private final MatchTable after;
    private final MatchTable before;
    private final List<Finding> findings = new ArrayList<>();

    Comparison(HoldOut holdOut, Contender candidate, Optional<Contender> live) {
      this.holdOut = holdOut;
      this.candidate = candidate;
      this.live = live;
      CocoEvaluator evaluator = new CocoEvaluator(holdOut.data());
      this.pictureIds = evaluator.pictureIds();
      this.after = evaluator.match(candidate.detections());
      this.before = evaluator.match(live.orElse(NOTHING).detections());
    }

    Verdict verdict() {
      size();
      gain();
      classesKept();
      eachClass();
      eachCamera();
      live.ifPresent(this::latency);
      return Verdict.of(findings);
    }

    private void size() {
      int pictures = pictureIds.size();
      boolean enough = pictures >= settings.minImages();
      add(
          "hold-out",
          "",
          enough,
          Map.of("pictures", (double) pictures, "least", (double) settings.minImages()),
          enough
              ? "The hold-out has %d pictures.".formatted(pictures)
              : "The hold-out has %d pictures, and nothing is promoted on fewer than %d."
                  .formatted(pictures, settings.minImages()));
    }

    private void gain() {
      PairedBootstrap.Gain gain =
          new PairedBootstrap(after, before, scenes())
              .gain(settings.resamples(), settings.confidence(), settings.seed());
      boolean passed = gain.point() > settings.minGain() && gain.lower() > settings.minGain();
      int[] all = all();
      Map<String, Double> figures = new LinkedHashMap<>();
      figures.put(CANDIDATE, after.ap(all));
      figures.put(LIVE, before.ap(all));
      figures.put(GAIN, gain.point());
      figures.put("lower", gain.lower());
      figures.put("upper", gain.upper());
      figures.put("least", settings.minGain());
      figures.put("confidence", settings.confidence());
      String measured =
          live.isPresent()
              ? String.format(
                  Locale.ROOT,
                  "AP goes from %.4f to %.4f (%+.4f)",
                  before.ap(all),
                  after.ap(all),
                  gain.point())
              : String.format(Locale.ROOT, "There is no live model; AP is %.4f", after.ap(all));
      add(
          GAIN,
          "",
          passed,
          figures,
          String.format(
              Locale.ROOT,
              "%s; with %.0f %% confidence the gain is above %+.4f, which %s the %.4f asked for.",
              measured,
              100 * settings.confidence(),
              gain.lower(),
              passed ? "is more than" : "is not more than",
              settings.minGain()));
    }

    private void classesKept() {
      TreeSet<String> lost = new TreeSet<>(live.orElse(NOTHING).classes());
      candidate.classes().forEach(lost::remove);
      if (live.isPresent()) {
        add(
            "classes",
            "",
            lost.isEmpty(),
            Map.of("lost", (double) lost.size()),
            lost.isEmpty()
                ? "The candidate knows every class that the live model knows."
                : "The candidate does not know "
                    + String.join(", ", lost)
                    + ", which the live model does.");
      }
    }

    private void eachClass() {
      List<String> names = holdOut.data().classes();
      int[] all = all();
      for (int label = 0; label < names.size(); label++) {
        part(
            "class",
            names.get(label),
            after.boxes(label, all),
            before.classAp(label, all),
            after.classAp(label, all),
            settings.maxClassDrop());
      }
    }

    private void eachCamera() {
      for (String camera : new TreeSet<>(holdOut.cameras().values())) {
        int[] weights = new int[pictureIds.size()];
        for (int p = 0; p < weights.length; p++) {
          weights[p] = camera.equals(holdOut.cameras().get(pictureIds.get(p))) ? 1 : 0;
        }
        int boxes = 0;
        for (int label = 0; label < holdOut.data().classes().size(); label++) {
          boxes += after.boxes(label, weights);
        }
        part(
            "camera",
            camera,
            boxes,
            before.ap(weights),
            after.ap(weights),
            settings.maxCameraDrop());
      }
    }

    /** A class or a camera: what it loses is held against the limit, if that can be told. */
    private void part(
        String rule, String name, int boxes, double apBefore, double apAfter, double maxDrop) {
      Map<String, Double> figures = new LinkedHashMap<>();
      figures.put("boxes", (double) boxes);
      if (boxes > 0) {
        figures.put("candidate", apAfter);
        figures.put("live", apBefore);
      }
      figures.put("limit", maxDrop);
      String who = rule + " " + name;
      if (boxes < settings.minBoxes()) {
        Outcome outcome = settings.refuseUnjudged() ? Outcome.REFUSED : Outcome.UNJUDGED;
        String sentence =
            "Too few boxes to judge %s: %d, and %d are needed%s."
                .formatted(
                    who,
                    boxes,
                    settings.minBoxes(),
                    settings.refuseUnjudged() ? " before anything is promoted" : "");
        findings.add(new Finding(rule, name, outcome, figures, sentence));
        return;
      }
      double drop = apBefore - apAfter;
      boolean passed = drop <= maxDrop;
      add(
          rule,
          name,
          passed,
          figures,
          String.format(
              Locale.ROOT,
              "AP of %s goes from %.4f to %.4f (%+.4f, %d boxes)%s.",
              who,
              apBefore,
              apAfter,
              -drop,
              boxes,
              passed ? "" : String.format(Locale.ROOT, ", more than the %.4f allowed", maxDrop)));
    }

    private void latency(Contender replaced) {
      double ratio = candidate.millisPerPicture() / replaced.millisPerPicture();
      boolean passed = ratio <= settings.maxLatencyRatio();
      Map<String, Double> figures = new LinkedHashMap<>();
      figures.put("candidate", candidate.millisPerPicture());
      figures.put("live", replaced.millisPerPicture());
      figures.put("ratio", ratio);
      figures.put("limit", settings.maxLatencyRatio());
      add(
          "latency",
          "",
          passed,
          figures,
          String.format(
              Locale.ROOT,
              "A picture takes %.2f ms instead of %.2f, %.2f times as long%s.",
              candidate.millisPerPicture(),
              replaced.millisPerPicture(),
              ratio,
              passed
                  ? ""
                  : String.format(
                      Locale.ROOT, ", more than the %.2f allowed", settings.maxLatencyRatio())));
    }

    private void add(
        String rule, String subject, boolean passed, Map<String, Double> figures, String sentence) {
      Outcome outcome = passed ? Outcome.PASSED : Outcome.REFUSED;
      findings.add(new Finding(rule, subject, outcome, figures, sentence));
    }

    private int[] all() {
      int[] weights = new int[pictureIds.size()];
      Arrays.fill(weights, 1);
      return weights;
    }

    private int[] scenes() {
      Map<String, Integer> numbers = new HashMap<>();
      int[] scenes = new int[pictureIds.size()];
      for (int p = 0; p < scenes.length; p++) {
        long id = pictureIds.get(p);
        // The prefix keeps a picture of no scene from meeting a scene that is called like its id.
        String scene = holdOut.scenes().containsKey(id) ? "s" + holdOut.scenes().get(id) : "p" + id;
        Integer number = numbers.get(scene);
        if (number == null) {
          number = numbers.size();
          numbers.put(scene, number);
        }
        scenes[p] = number;
      }
      return scenes;
    }
  }
}
