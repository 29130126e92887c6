package dev.fovea.trainer.fit;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import dev.fovea.trainer.TrainSettings;
import dev.fovea.trainer.data.Batch;
import dev.fovea.trainer.data.BatchLoader;
import dev.fovea.trainer.data.CocoDataset;
import dev.fovea.trainer.data.Normaliser;
import dev.fovea.trainer.data.PictureStore;
import dev.fovea.trainer.evaluate.CocoMetrics;
import dev.fovea.trainer.evaluate.GraphEvaluation;
import dev.fovea.trainer.export.Exporter;
import dev.fovea.trainer.export.ReleaseSummary;
import dev.fovea.trainer.model.GraphBlock;
import dev.fovea.trainer.model.NetworkGraph;
import dev.fovea.trainer.model.RetinaNet;
import dev.fovea.trainer.model.Unfolding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Trains a RetinaNet: from a data set to a release folder, with checkpoints on the way. Everything
 * runs on the calling thread but the making of batches.
 */
public final class Trainer implements AutoCloseable {
  private static final String ENGINE = "PyTorch";
  private static final int PROBES = 2;

  /** Enough that a channel's mean and variance no longer depend on which pictures they are. */
  private static final int UNFOLDING_PICTURES = 64;

  private final TrainSettings settings;
  private final TrainData data;
  private final ProgressListener listener;
  private final NDManager manager;
  private final GraphBlock block;
  private final GraphBlock average;
  private final Optimizer optimizer;
  private final TrainingStep training;
  private final LearningRate learningRate;
  private final PictureStore store;
  private final EarlyStop earlyStop;
  private int step;
  private Map<String, Double> figures;

  /** As the other, from weights drawn by the seed. */
  public static ReleaseSummary run(
      TrainSettings settings,
      TrainData data,
      Path out,
      String name,
      boolean resume,
      ProgressListener listener)
      throws IOException, InterruptedException {
    return run(settings, data, out, name, resume, StartWeights.NONE, listener);
  }

  /**
   * Trains to the end, evaluates, and exports.
   *
   * @param out release folder; its {@code checkpoint.bin} is what {@code resume} goes on from
   * @param name the model's name in the manifest
   * @param resume go on from the checkpoint in {@code out}, which must have been made with the same
   *     settings (how often to evaluate and save, threads and cache may differ)
   * @param start what it begins with where name and size agree, so that a backbone that has learned
   *     to see need not learn it again; not looked at when resuming
   * @return the release
   * @throws IOException if a checkpoint or release can't be written or read, or the loss is no
   *     longer a number
   * @throws IllegalArgumentException if settings, data and checkpoint don't fit each other
   */
  public static ReleaseSummary run(
      TrainSettings settings,
      TrainData data,
      Path out,
      String name,
      boolean resume,
      StartWeights start,
      ProgressListener listener)
      throws IOException, InterruptedException {
    Files.createDirectories(out);
    Checkpoint last =
        train(settings, data, out.resolve(Checkpoint.FILE_NAME), resume, start, listener);
    ReleaseSummary release = Exporter.export(last, name, Optional.empty(), out);
    listener.released(release);
    return release;
  }

  /**
   * As {@link #run}, without a release.
   *
   * @return the state at the end, with the figures of the last evaluation
   * @throws TrainingStopped if the listener asks for it; {@code resume} goes on from there
   * @throws LossDivergedException if the loss is no longer a number
   * @throws MemoryExhausted naming the settings to lower
   */
  public static Checkpoint train(
      TrainSettings settings,
      TrainData data,
      Path checkpointFile,
      boolean resume,
      StartWeights start,
      ProgressListener listener)
      throws IOException, InterruptedException {
    Checkpoint from = null;
    if (resume) {
      from = Checkpoint.read(checkpointFile);
      requireSame(settings, data.train().classes(), from);
    }
    try (Trainer trainer = new Trainer(settings, data, listener, from, start)) {
      return trainer.train(checkpointFile);
    }
  }

  Trainer(
      TrainSettings settings,
      TrainData data,
      ProgressListener listener,
      @Nullable Checkpoint from,
      StartWeights start) {
    this.settings = settings;
    this.data = data;
    if (settings.schedule().patience() > 0 && data.validation().isEmpty()) {
      throw new IllegalArgumentException(
          "schedule.patience = %d: must be 0 without validation pictures to tell a better AP by"
              .formatted(settings.schedule().patience()));
    }
    this.listener = listener;
    startEngine(settings.schedule().threads());
    this.manager = NDManager.newBaseManager(ENGINE);
    int classes = data.train().classes().size();
    NetworkGraph graph = RetinaNet.graph(settings, classes);
    this.store =
        new PictureStore(
            settings.input(), settings.augmentation(), settings.schedule().cacheMegabytes());
    this.block =
        from == null ? begin(graph, start) : new GraphBlock(graph, manager, from.weights());
    this.average = new GraphBlock(graph, manager, from == null ? block.values() : from.average());
    var rule = settings.optimizer();
    this.optimizer =
        new Optimizer(
            block,
            manager,
            Optimizer.rule(rule),
            rule.gradientNorm(),
            from == null ? null : from.moments());
    this.learningRate = new LearningRate(rule, settings.schedule().steps());
    this.training =
        new TrainingStep(
            settings,
            classes,
            manager,
            block,
            optimizer,
            new WeightAverage(block, average, rule.averageDecay()));
    this.earlyStop =
        new EarlyStop(
            settings.schedule().patience(), from == null ? Optional.empty() : from.best());
    this.step = from == null ? 0 : from.step();
    this.figures = from == null ? Map.of() : from.figures();
  }

  private GraphBlock begin(NetworkGraph graph, StartWeights start) {
    Map<String, float[]> values =
        start.folded() ? Unfolding.identity(graph, start.values()) : start.values();
    GraphBlock drawn =
        GraphBlock.drawn(
            graph, manager, settings.schedule().seed(), settings.network().prior(), values);
    if (start.folded()) {
      Unfolding unfolding = new Unfolding();
      data.train().pictures().stream()
          .limit(UNFOLDING_PICTURES)
          .forEach(picture -> observe(drawn, store.get(picture), unfolding));
      unfolding.apply(drawn);
    }
    return drawn;
  }

  private void observe(GraphBlock drawn, byte[] picture, Unfolding unfolding) {
    var input = settings.input();
    float[] image = new float[picture.length];
    new Normaliser(input).write(picture, image, 0);
    try (NDManager step = manager.newSubManager()) {
      NDArray images = step.create(image, new Shape(1, 3, input.heightPx(), input.widthPx()));
      drawn.observe(new ParameterStore(step, false), images, unfolding);
    }
  }

  static void startEngine(int threads) {
    // DJL reports its use to its makers unless told not to.
    System.setProperty("OPT_OUT_TRACKING", "true");
    if (threads > 0) {
      System.setProperty("ai.djl.pytorch.num_threads", String.valueOf(threads));
    }
    Engine.getEngine(ENGINE);
  }

  private static void requireSame(TrainSettings settings, List<String> classes, Checkpoint from) {
    if (!from.classes().equals(classes)) {
      throw new IllegalArgumentException(
          "the checkpoint's classes are " + from.classes() + ", the data's are " + classes);
    }
    Map<String, Object> differing = new TreeMap<>(settings.decisive());
    differing.entrySet().removeAll(from.settings().decisive().entrySet());
    if (!differing.isEmpty()) {
      throw new IllegalArgumentException(
          "the checkpoint was made with other settings: these differ: " + differing.keySet());
    }
  }

  /** Runs all steps that are left; the answer is the state after the last evaluation. */
  Checkpoint train(Path checkpointFile) throws IOException, InterruptedException {
    var schedule = settings.schedule();
    listener.started(step, schedule.steps(), describe());
    long start = System.nanoTime();
    int firstStep = step;
    try (BatchLoader batches = new BatchLoader(data.train(), settings, store, step)) {
      while (!isOver()) {
        ProgressListener.Step done = step(batches.next());
        double seconds = (System.nanoTime() - start) / 1e9;
        listener.stepped(withRate(done, (step - firstStep) * schedule.batch() / seconds));
        evaluateIfDue();
        boolean stopped = !isOver() && listener.isStopAsked();
        if (isOver() || stopped || isCheckpointDue()) {
          checkpoint().write(checkpointFile);
          listener.saved(step, checkpointFile);
        }
        if (stopped) {
          throw new TrainingStopped(
              "stopped after step %d of %d".formatted(step, schedule.steps()));
        }
      }
    } catch (RuntimeException | OutOfMemoryError e) {
      Optional<MemoryExhausted> advice = MemoryExhausted.of(e, settings, step);
      if (advice.isPresent()) {
        throw advice.get();
      }
      throw e;
    }
    return checkpoint();
  }

  /**
   * Also before an evaluation, which may take as long as many steps: stopped in it, a run loses
   * one.
   */
  private boolean isCheckpointDue() {
    return step % settings.schedule().checkpointEvery() == 0 || isEvaluatedAfter(step + 1);
  }

  private boolean isEvaluatedAfter(int step) {
    var schedule = settings.schedule();
    boolean due = schedule.evaluateEvery() > 0 && step % schedule.evaluateEvery() == 0;
    return data.validation().isPresent() && (due || step == schedule.steps());
  }

  private boolean isOver() {
    return step == settings.schedule().steps() || earlyStop.isExhausted();
  }

  /** During the run on some pictures, and what is released, when it is over, on all of them. */
  private void evaluateIfDue() {
    var schedule = settings.schedule();
    if (!isEvaluatedAfter(step)) {
      return;
    }
    CocoDataset all = data.validation().orElseThrow();
    if (earlyStop.isOn() || step < schedule.steps()) {
      CocoMetrics metrics = evaluate(average, step, all.first(schedule.evaluateImages()));
      earlyStop.evaluated(step, metrics.ap(), average::values);
    }
    if (isOver()) {
      evaluateReleased(all);
    }
  }

  private void evaluateReleased(CocoDataset all) {
    Optional<Checkpoint.Best> best = earlyStop.isOn() ? earlyStop.best() : Optional.empty();
    if (earlyStop.isExhausted()) {
      listener.stoppedEarly(step, best.orElseThrow().step(), best.orElseThrow().ap());
    }
    GraphBlock released =
        best.map(b -> new GraphBlock(block.graph(), manager, b.average())).orElse(average);
    evaluate(released, best.map(Checkpoint.Best::step).orElse(step), all);
  }

  private String describe() {
    NetworkGraph graph = block.graph();
    return "RetinaNet, ResNet-%d width %s, %.1f M parameters, %.2f GMAC at %dx%d; %s"
        .formatted(
            settings.network().depth(),
            settings.network().widthFactor(),
            graph.learnedSize() / 1e6,
            graph.multiplyAccumulates() / 1e9,
            settings.input().widthPx(),
            settings.input().heightPx(),
            data.description());
  }

  private ProgressListener.Step step(Batch batch) throws IOException {
    double rate = learningRate.at(step);
    TrainingStep.Outcome outcome = training.run(batch, step, rate);
    if (!outcome.isFinite()) {
      throw new LossDivergedException(
          step, outcome.classes(), outcome.boxes(), outcome.gradientNorm());
    }
    step++;
    return new ProgressListener.Step(
        step,
        settings.schedule().steps(),
        outcome.classes(),
        outcome.boxes(),
        outcome.gradientNorm(),
        rate,
        0);
  }

  private static ProgressListener.Step withRate(ProgressListener.Step s, double rate) {
    return new ProgressListener.Step(
        s.step(), s.steps(), s.classLoss(), s.boxLoss(), s.gradientNorm(), s.learningRate(), rate);
  }

  private CocoMetrics evaluate(GraphBlock weights, int ofStep, CocoDataset measured) {
    CocoMetrics metrics =
        new GraphEvaluation(weights, settings, manager, store)
            .evaluate(measured, done -> listener.evaluating(done, measured.pictures().size()));
    figures = metrics.byName();
    listener.evaluated(ofStep, metrics, measured.pictures().size());
    return metrics;
  }

  /** The run as it is now. */
  Checkpoint checkpoint() {
    CocoDataset source = data.validation().orElse(data.train());
    return new Checkpoint(
        settings,
        data.train().classes(),
        step,
        data.description(),
        figures,
        block.values(),
        average.values(),
        earlyStop.isOn() ? earlyStop.best() : Optional.empty(),
        optimizer.moments(),
        source.pictures().stream().limit(PROBES).map(store::get).toList());
  }

  @Override
  public void close() {
    manager.close();
    store.close();
  }
}
