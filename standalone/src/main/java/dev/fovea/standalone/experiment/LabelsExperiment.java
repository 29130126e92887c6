package dev.fovea.standalone.experiment;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fovea.detector.engine.EngineSettings;
import dev.fovea.detector.engine.LoadedModel;
import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.model.ModelManifest;
import dev.fovea.detector.model.ReleaseFolder;
import dev.fovea.ingest.street.Daylight;
import dev.fovea.ingest.street.StreetFilm;
import dev.fovea.ingest.street.StreetFilm.Take;
import dev.fovea.ingest.street.StreetSettings;
import dev.fovea.standalone.drift.RoundRecipe;
import dev.fovea.standalone.experiment.LabelRun.Choice;
import dev.fovea.trainer.TrainSettings;
import dev.fovea.trainer.data.CocoDataset;
import dev.fovea.trainer.evaluate.CocoEvaluator;
import dev.fovea.trainer.evaluate.ReleaseRun;
import dev.fovea.trainer.fit.Checkpoint;
import dev.fovea.trainer.fit.ProgressListener;
import dev.fovea.trainer.fit.StartWeights;
import dev.fovea.trainer.fit.TrainData;
import dev.fovea.trainer.fit.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * How many labelled frames a model that knows the day alone needs to learn the night: fine-tuned as
 * a round of {@code fovea demo --drift} does it, on frames that the detector would have proposed,
 * and on as many drawn at random of the same minutes; measured on later frames of the same cameras.
 * In a folder: {@code data/} with the pictures, {@code runs/} with a file for each run that is
 * done. Started again, it does what is left.
 */
public final class LabelsExperiment {
  private static final int STREETS = 8;
  private static final long FIRST_STREET = 401;
  private static final double FRAMES_PER_SECOND = 2;

  /** Of each street: the first 90 seconds of its night. */
  private static final int POOL_FRAMES = 180;

  /** Of each street, from ten minutes on, every five seconds: other vehicles, other people. */
  private static final int HELD_OUT_FRAMES = 20;

  private static final int HELD_OUT_FROM = 1200;
  private static final int HELD_OUT_STEP = 10;
  private static final int BATCH = 8;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final Path model;
  private final Plan plan;
  private final Progress progress;

  /**
   * What is run.
   *
   * @param sizes numbers of labelled frames
   * @param seeds 1 … this; each draws its own frames at random, and trains in its own order
   * @param steps of a fine-tuning
   */
  public record Plan(List<Integer> sizes, int seeds, int steps) {
    public Plan {
      sizes = List.copyOf(sizes);
      if (sizes.isEmpty() || sizes.stream().anyMatch(s -> s < 1 || s > STREETS * POOL_FRAMES)) {
        throw new IllegalArgumentException(
            "frames %s: must be one or more numbers from 1 to %d"
                .formatted(sizes, STREETS * POOL_FRAMES));
      }
      if (seeds < 1 || steps < 1) {
        throw new IllegalArgumentException("seeds and steps must be at least 1");
      }
    }
  }

  /**
   * @param folder made if it is not there
   * @param model release folder of a model that says how it was trained
   */
  public LabelsExperiment(Path folder, Path model, Plan plan, Progress progress) {
    this.folder = folder;
    this.model = model;
    this.plan = plan;
    this.progress = progress;
  }

  /**
   * Does the runs that are not done.
   *
   * @param threads of the arithmetic, 0: PyTorch's choice; decides nothing
   * @throws IOException if the folder holds the runs of another model, or of other steps
   */
  LabelResults run(int threads) throws IOException, InterruptedException, ModelLoadException {
    ModelManifest manifest = ReleaseFolder.open(model).manifest();
    Files.createDirectories(folder.resolve("runs"));
    requireSame(manifest);
    CocoDataset pool = draw("pool", Daylight.NIGHT, 0, 1, POOL_FRAMES);
    CocoDataset night =
        draw("night", Daylight.NIGHT, HELD_OUT_FROM, HELD_OUT_STEP, HELD_OUT_FRAMES);
    CocoDataset day = draw("day", Daylight.NOON, HELD_OUT_FROM, HELD_OUT_STEP, HELD_OUT_FRAMES);
    Mining mining = Mining.of(model, pool.pictures(), POOL_FRAMES, FRAMES_PER_SECOND);
    List<LabelRun> done = new ArrayList<>();
    for (long seed = 1; seed <= plan.seeds(); seed++) {
      for (int size : plan.sizes()) {
        List<Integer> random = random(pool.pictures().size(), size, seed);
        done.add(run(Choice.MINED, size, mining.choose(size), seed, threads, pool, night, done));
        done.add(run(Choice.RANDOM, size, random, seed, threads, pool, night, done));
      }
    }
    return new LabelResults(
        manifest.version(),
        plan.steps(),
        pool.pictures().size(),
        night.pictures().size(),
        ap50(day),
        ap50(night),
        done);
  }

  private static List<Integer> random(int pool, int count, long seed) {
    List<Integer> all = new ArrayList<>(IntStream.range(0, pool).boxed().toList());
    Collections.shuffle(all, new Random(seed));
    return all.subList(0, count);
  }

  private LabelRun run(
      Choice choice,
      int asked,
      List<Integer> chosen,
      long seed,
      int threads,
      CocoDataset pool,
      CocoDataset night,
      List<LabelRun> before)
      throws IOException, InterruptedException {
    String name = "%s-%d-seed-%d".formatted(choice.name().toLowerCase(Locale.ROOT), asked, seed);
    Path result = folder.resolve("runs").resolve(name + ".json");
    if (!Files.exists(result)) {
      CocoDataset labelled =
          new CocoDataset(
              pool.annotationFile(),
              pool.classes(),
              pool.categoryIds(),
              chosen.stream().map(pool.pictures()::get).toList());
      long started = System.nanoTime();
      double ap50 = train(name, labelled, night, seed, threads, before.size());
      double seconds = (System.nanoTime() - started) / 1e9;
      write(result, new LabelRun(choice, asked, chosen.size(), seed, ap50, seconds));
    }
    LabelRun run = JSON.readValue(result.toFile(), LabelRun.class);
    progress.finished(
        String.format(
            Locale.ROOT,
            "%s: %d frames, AP50 %.1f (%.0f s)",
            name,
            run.frames(),
            100 * run.ap50(),
            run.seconds()));
    return run;
  }

  private double train(
      String name, CocoDataset labelled, CocoDataset night, long seed, int threads, int before)
      throws IOException, InterruptedException {
    Map<String, String> set = new HashMap<>();
    set.put("schedule.steps", String.valueOf(plan.steps()));
    set.put("schedule.seed", String.valueOf(seed));
    set.put("schedule.threads", String.valueOf(threads));
    set.put("optimizer.learning-rate", String.valueOf(RoundRecipe.LEARNING_RATE));
    Path checkpoint = folder.resolve("runs").resolve(name + ".checkpoint");
    long total = 2L * plan.seeds() * plan.sizes().size() * plan.steps();
    Checkpoint last =
        Trainer.train(
            settings(set),
            new TrainData(labelled, Optional.of(night)),
            checkpoint,
            false,
            StartWeights.read(model),
            new ProgressListener() {
              @Override
              public void stepped(Step step) {
                progress.training((long) before * plan.steps() + step.step(), total, name);
              }
            });
    Files.deleteIfExists(checkpoint);
    return last.figures().getOrDefault("AP50", 0.0);
  }

  private TrainSettings settings(Map<String, String> set) throws IOException {
    try {
      TrainSettings recipe = RoundRecipe.of(ReleaseFolder.open(model).manifest(), BATCH);
      return TrainSettings.with(
          set, com.typesafe.config.ConfigFactory.parseString(recipe.render()));
    } catch (ModelLoadException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Of the model as it is, by the detector's own path. */
  private double ap50(CocoDataset data) throws IOException, ModelLoadException {
    try (LoadedModel loaded =
        LoadedModel.load(ReleaseFolder.open(model), EngineSettings.cpu(1, 1))) {
      return new CocoEvaluator(data)
          .measure(new ReleaseRun(loaded, ReleaseRun.LOW_SCORE).detect(data, done -> {}))
          .metrics()
          .ap50();
    }
  }

  private void requireSame(ModelManifest manifest) throws IOException {
    Path file = folder.resolve("experiment.json");
    Map<String, String> identity =
        Map.of("model", manifest.version(), "steps", String.valueOf(plan.steps()));
    if (!Files.exists(file)) {
      ResultFiles.write(file, identity);
    } else if (!ResultFiles.readIdentity(file).equals(identity)) {
      throw new IOException(
          "%s: holds runs of another model, or of other steps (%s): name another folder with --out"
              .formatted(folder, ResultFiles.readIdentity(file)));
    }
  }

  /** A data set that was drawn to its end has its own name; one that was not is drawn anew. */
  private CocoDataset draw(String name, Daylight light, int from, int step, int count)
      throws IOException, InterruptedException {
    Path set = folder.resolve("data").resolve(name);
    if (!Files.exists(set)) {
      Path part = set.resolveSibling(name + ".part");
      ExperimentFiles.deleteAll(part);
      List<Take> takes = new ArrayList<>();
      for (int i = 0; i < STREETS; i++) {
        StreetSettings street =
            StreetSettings.of(FIRST_STREET + i)
                .withFramesPerSecond(FRAMES_PER_SECOND)
                .withDaylight(light);
        takes.add(new Take(street, from, step, count));
      }
      new StreetFilm(takes, Runtime.getRuntime().availableProcessors())
          .write(part, progress::drawing);
      Files.move(part, set, StandardCopyOption.ATOMIC_MOVE);
    }
    return CocoDataset.read(set.resolve("annotations.json"), set.resolve(StreetFilm.IMAGES));
  }

  private static void write(Path file, LabelRun run) throws IOException {
    Path beside = file.resolveSibling(file.getFileName() + ".part");
    JSON.writeValue(beside.toFile(), run);
    Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }
}
