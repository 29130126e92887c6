package dev.fovea.standalone.experiment;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.fovea.ingest.street.StreetDataset;
import dev.fovea.trainer.TrainSettings;
import dev.fovea.trainer.data.CocoDataset;
import dev.fovea.trainer.evaluate.AnchorProbabilities;
import dev.fovea.trainer.fit.Checkpoint;
import dev.fovea.trainer.fit.LossDivergedException;
import dev.fovea.trainer.fit.ProgressListener;
import dev.fovea.trainer.fit.StartWeights;
import dev.fovea.trainer.fit.TrainData;
import dev.fovea.trainer.fit.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.IntConsumer;

/**
 * The runs of the experiment in a folder: {@code data/} with the pictures, {@code runs/} with a
 * file for each run that is done, {@code experiment.json} with what they have in common. Started
 * again, it does what is left; a run that was broken off begins anew, so that every figure is of
 * one piece.
 */
public final class FocalLossExperiment {
  /** The runs' own; the rest of the settings is the same for all. */
  private static final String RECIPE = "focal-loss.conf";

  /** The run whose network the concentration of the loss is shown of, as in the paper. */
  private static final String SHOWN = "fl-2";

  private static final long TRAIN_SEED = 1;
  private static final long VALIDATION_SEED = 2;

  private final Path folder;
  private final Plan plan;
  private final List<Variant> variants;
  private final Progress progress;

  /**
   * What decides the results.
   *
   * @param steps of each run
   * @param trainPictures drawn to learn from
   * @param validationPictures drawn to be measured on
   */
  public record Plan(int steps, int trainPictures, int validationPictures) {
    public Plan {
      if (steps < 1 || trainPictures < 1 || validationPictures < 1) {
        throw new IllegalArgumentException("steps and pictures must be at least 1");
      }
    }
  }

  /**
   * @param folder made if it is not there
   * @param chosen ids of the variants to run; empty: all
   */
  public FocalLossExperiment(Path folder, Plan plan, List<String> chosen, Progress progress) {
    this.folder = folder;
    this.plan = plan;
    this.progress = progress;
    this.variants =
        Variant.all().stream().filter(v -> chosen.isEmpty() || chosen.contains(v.id())).toList();
    List<String> known = Variant.all().stream().map(Variant::id).toList();
    if (!known.containsAll(chosen)) {
      throw new IllegalArgumentException(
          "--runs " + String.join(",", chosen) + ": must be of " + String.join(", ", known));
    }
  }

  /**
   * Does the runs that are not done.
   *
   * @param seeds 1 … this
   * @param threads of the arithmetic, 0: PyTorch's choice; decides nothing
   * @return all results there are in the folder
   * @throws IOException if the folder holds another experiment's results, naming what differs
   */
  public Results run(int seeds, int threads) throws IOException, InterruptedException {
    Files.createDirectories(folder.resolve("runs"));
    requireSame();
    TrainData data =
        new TrainData(
            draw("train", TRAIN_SEED, plan.trainPictures()),
            Optional.of(draw("validation", VALIDATION_SEED, plan.validationPictures())));
    List<Run> runs = new ArrayList<>();
    for (long seed = 1; seed <= seeds; seed++) {
      for (Variant variant : variants) {
        runs.add(new Run(variant, seed));
      }
    }
    long before = 0;
    for (Run run : runs) {
      if (!Files.exists(run.result())) {
        train(run, data, threads, before, (long) runs.size() * plan.steps());
      }
      progress.finished(describe(ResultFiles.readRun(run.result())));
      before += plan.steps();
    }
    return results();
  }

  /** One variant and seed. */
  private final class Run {
    final Variant variant;
    final long seed;

    Run(Variant variant, long seed) {
      this.variant = variant;
      this.seed = seed;
    }

    String name() {
      return variant.id() + "-seed-" + seed;
    }

    Path result() {
      return folder.resolve("runs").resolve(name() + ".json");
    }

    Path checkpoint() {
      return folder.resolve("runs").resolve(name() + ".checkpoint");
    }

    boolean isShown() {
      return variant.id().equals(SHOWN) && seed == 1;
    }
  }

  private void train(Run run, TrainData data, int threads, long before, long total)
      throws IOException, InterruptedException {
    Map<String, String> set = new LinkedHashMap<>(run.variant.settings());
    set.put("schedule.seed", String.valueOf(run.seed));
    set.put("schedule.threads", String.valueOf(threads));
    TrainSettings settings = settings(set);
    Losses losses = new Losses(step -> progress.training(before + step, total, run.name()));
    long started = System.nanoTime();
    OptionalInt diverged = OptionalInt.empty();
    Map<String, Double> figures = Map.of();
    try {
      Checkpoint last =
          Trainer.train(settings, data, run.checkpoint(), false, StartWeights.NONE, losses);
      figures = last.figures();
      if (run.isShown()) {
        ResultFiles.write(
            concentrationFile(),
            Concentration.of(
                AnchorProbabilities.of(settings, last.average(), data.validation().orElseThrow())));
      }
    } catch (LossDivergedException e) {
      diverged = OptionalInt.of(e.step());
    }
    ResultFiles.write(
        run.result(),
        new RunResult(
            run.variant.id(),
            run.seed,
            diverged,
            figures.getOrDefault("AP", 0.0),
            figures.getOrDefault("AP50", 0.0),
            losses.first(),
            losses.last(),
            (System.nanoTime() - started) / 1e9));
    Files.deleteIfExists(run.checkpoint());
  }

  private TrainSettings settings(Map<String, String> set) {
    Map<String, String> all = new TreeMap<>(set);
    all.put("schedule.steps", String.valueOf(plan.steps()));
    return TrainSettings.with(all, recipe());
  }

  private static Config recipe() {
    return ConfigFactory.parseResources(FocalLossExperiment.class, RECIPE);
  }

  private Path concentrationFile() {
    return folder.resolve("runs").resolve("concentration.json");
  }

  /** All results in the folder, whatever was asked for this time. */
  private Results results() throws IOException {
    List<RunResult> done = new ArrayList<>();
    for (Variant variant : Variant.all()) {
      for (long seed = 1; Files.exists(new Run(variant, seed).result()); seed++) {
        done.add(ResultFiles.readRun(new Run(variant, seed).result()));
      }
    }
    Optional<Concentration> concentration =
        Files.exists(concentrationFile())
            ? Optional.of(ResultFiles.readConcentration(concentrationFile()))
            : Optional.empty();
    return new Results(identity(), done, concentration);
  }

  /** What decides the results, by key: settings, pictures, and what each variant sets. */
  private Map<String, String> identity() {
    Map<String, String> identity = new TreeMap<>();
    settings(Map.of()).decisive().forEach((key, value) -> identity.put(key, String.valueOf(value)));
    identity.remove("schedule.seed");
    identity.put("pictures.train", String.valueOf(plan.trainPictures()));
    identity.put("pictures.validation", String.valueOf(plan.validationPictures()));
    for (Variant variant : Variant.all()) {
      identity.put("variant." + variant.id(), variant.ordered().toString());
    }
    return identity;
  }

  private void requireSame() throws IOException {
    Path file = folder.resolve("experiment.json");
    Map<String, String> identity = identity();
    if (!Files.exists(file)) {
      ResultFiles.write(file, identity);
      return;
    }
    Map<String, String> before = ResultFiles.readIdentity(file);
    if (!before.equals(identity)) {
      Map<String, String> differing = new TreeMap<>(identity);
      differing.entrySet().removeAll(before.entrySet());
      before.keySet().stream()
          .filter(key -> !identity.containsKey(key))
          .forEach(key -> differing.put(key, ""));
      throw new IOException(
          "%s: holds an experiment with other settings (%s): name another folder with --out"
              .formatted(folder, String.join(", ", differing.keySet())));
    }
  }

  /** A data set that was drawn to its end has its own name; one that was not is drawn anew. */
  private CocoDataset draw(String name, long seed, int count)
      throws IOException, InterruptedException {
    Path set = folder.resolve("data").resolve(name);
    if (!Files.exists(set)) {
      Path part = set.resolveSibling(name + ".part");
      ExperimentFiles.deleteAll(part);
      new StreetDataset(seed, count, Runtime.getRuntime().availableProcessors())
          .write(part, progress::drawing);
      Files.move(part, set, StandardCopyOption.ATOMIC_MOVE);
    }
    return CocoDataset.read(set.resolve("annotations.json"), set.resolve(StreetDataset.IMAGES));
  }

  private static String describe(RunResult run) {
    String outcome =
        run.divergedAt().isPresent()
            ? "diverged at step " + run.divergedAt().getAsInt()
            : String.format(Locale.ROOT, "AP %.1f, AP50 %.1f", 100 * run.ap(), 100 * run.ap50());
    return String.format(
        Locale.ROOT, "%s, seed %d: %s (%.0f s)", run.variant(), run.seed(), outcome, run.seconds());
  }

  /** Keeps the class losses of a run and passes its steps on. */
  private static final class Losses implements ProgressListener {
    private final IntConsumer stepped;
    private final List<Double> losses = new ArrayList<>();

    Losses(IntConsumer stepped) {
      this.stepped = stepped;
    }

    @Override
    public void stepped(Step s) {
      losses.add(s.classLoss());
      stepped.accept(s.step());
    }

    double first() {
      return losses.isEmpty() ? Double.NaN : losses.get(0);
    }

    /** Mean of the last tenth. */
    double last() {
      int from = losses.size() - (losses.size() + 9) / 10;
      return losses.stream()
          .skip(from)
          .mapToDouble(Double::doubleValue)
          .average()
          .orElse(Double.NaN);
    }
  }
}
