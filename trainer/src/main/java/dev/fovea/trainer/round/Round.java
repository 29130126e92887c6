package dev.fovea.trainer.round;

import com.typesafe.config.ConfigFactory;
import dev.fovea.detector.engine.EngineSettings;
import dev.fovea.detector.engine.LoadedModel;
import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.model.ModelManifest;
import dev.fovea.detector.model.ReleaseFolder;
import dev.fovea.trainer.TrainSettings;
import dev.fovea.trainer.evaluate.CocoEvaluator;
import dev.fovea.trainer.evaluate.ReleaseRun;
import dev.fovea.trainer.evaluate.ScoredBox;
import dev.fovea.trainer.export.NoWeightsException;
import dev.fovea.trainer.fit.Checkpoint;
import dev.fovea.trainer.fit.StartWeights;
import dev.fovea.trainer.fit.TrainData;
import dev.fovea.trainer.fit.Trainer;
import dev.fovea.trainer.labels.LabelVersion;
import dev.fovea.trainer.quantize.Quantizer;
import dev.fovea.trainer.round.RoundState.Phase;
import dev.fovea.trainer.store.LiveRelease;
import dev.fovea.trainer.store.ModelStore;
import dev.fovea.trainer.store.ReleaseFinder;
import dev.fovea.trainer.store.Releases;
import dev.fovea.trainer.store.StoredRelease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One round: train, measure, keep, and promote if the gate lets it. Each phase leaves what it made
 * in the round's folder and is done again from its start, or from training's checkpoint, where it
 * was interrupted; nothing outside the folder changes before the last phase, and the last may be
 * repeated.
 */
public final class Round {
  /** Training's folder within the round's. */
  static final String TRAINING = "training";

  /** The candidate's release folder within the round's. */
  static final String RELEASE = "release";

  /** The report's file, in the round's folder and in the release. */
  static final String REPORT = "report.html";

  private static final Logger log = LoggerFactory.getLogger(Round.class);

  private static final String RECIPE = "recipe.conf";
  private static final String EIGHT_BITS = "eight-bits";
  private static final int WEIGHT_BITS = 7;
  private static final int TIMED_PICTURES = 20;

  private final RoundSettings settings;
  private final RoundState state;
  private final Path folder;
  private final LabelVersion labels;
  private final Surroundings around;
  private final Progress progress;

  /**
   * What a round works with.
   *
   * @param releases what is live, and how that is changed
   * @param finder finds the live release's folder
   * @param stopping whether the round is to stop, to be gone on with later
   * @param metrics told what it does
   */
  public record Surroundings(
      Releases releases,
      ModelStore store,
      ReleaseFinder finder,
      BooleanSupplier stopping,
      RoundMetrics metrics,
      Clock clock) {}

  /**
   * @param folder the round's own; exists
   * @param labels the version that the state names
   */
  Round(
      RoundSettings settings,
      RoundState state,
      Path folder,
      LabelVersion labels,
      Surroundings around) {
    this.settings = settings;
    this.state = state;
    this.folder = folder;
    this.labels = labels;
    this.around = around;
    this.progress = new Progress(state.number(), folder, around.stopping(), around.metrics());
  }

  /** Goes on from wherever the round is, to its end. */
  void run() throws IOException, InterruptedException, ModelLoadException {
    if (state.phase() == Phase.TRAINING) {
      train();
      enter(Phase.MEASURING);
    }
    if (state.phase() == Phase.MEASURING) {
      measure();
      enter(Phase.STORING);
    }
    if (state.phase() == Phase.STORING) {
      keepAndPromote();
    }
  }

  private void enter(Phase phase) throws IOException {
    progress.stopIfAsked();
    state.enter(phase);
    state.write(folder);
    around.metrics().works(state);
  }

  // Training.

  private void train() throws IOException, InterruptedException, ModelLoadException {
    Path training = folder.resolve(TRAINING);
    boolean resume = Files.isRegularFile(training.resolve(Checkpoint.FILE_NAME));
    StartWeights start = resume ? StartWeights.NONE : begin();
    TrainData data =
        TrainData.read(
            labels.trainJson(), labels.images(), Optional.of(labels.valJson()), labels.images());
    Trainer.run(recipe(), data, training, settings.modelName(), resume, start, progress);
  }

  /** Decides what to start from and by what recipe; the recipe stays for the rest of the round. */
  private StartWeights begin() throws IOException, ModelLoadException {
    Optional<LiveWeights> live = liveWeights();
    Files.writeString(folder.resolve(RECIPE), recipeFor(live.map(LiveWeights::settings)).render());
    state.write(folder);
    return live.map(l -> l.forClasses(labels.classes())).orElse(StartWeights.NONE);
  }

  private Optional<LiveWeights> liveWeights() throws IOException, ModelLoadException {
    Optional<ReleaseFolder> live = liveRelease();
    if (live.isEmpty()) {
      state.startedFrom("from scratch, since no model is live");
      return Optional.empty();
    }
    try {
      LiveWeights weights = LiveWeights.of(live.get());
      state.startedFrom("from the weights of release " + live.get().manifest().version());
      return Optional.of(weights);
    } catch (NoWeightsException e) {
      state.startedFrom("from scratch, since " + e.getMessage());
      log.info("Round {} starts {}", state.number(), state.startedFrom());
      return Optional.empty();
    }
  }

  private TrainSettings recipeFor(Optional<TrainSettings> live) {
    TrainSettings base = settings.recipe().or(() -> live).orElseGet(TrainSettings::defaults);
    Map<String, String> set = new HashMap<>();
    double rate = base.optimizer().learningRate();
    if (live.isPresent()) {
      set.put("schedule.steps", String.valueOf(settings.steps()));
      rate = settings.learningRate();
    }
    set.put("optimizer.learning-rate", String.valueOf(rate * state.learningRateFactor()));
    set.put("schedule.seed", String.valueOf(state.seed()));
    set.put("schedule.checkpoint-every", String.valueOf(settings.checkpointEvery()));
    set.put("schedule.threads", String.valueOf(settings.threads()));
    // The best of several evaluations on the hold-out would be measured on what chose it.
    set.put("schedule.patience", "0");
    return TrainSettings.with(set, ConfigFactory.parseString(base.render()));
  }

  private TrainSettings recipe() throws IOException {
    return TrainSettings.from(ConfigFactory.parseString(Files.readString(folder.resolve(RECIPE))));
  }

  private Optional<ReleaseFolder> liveRelease() throws ModelLoadException {
    if (state.liveUri().isEmpty()) {
      return Optional.empty();
    }
    String sum = state.liveManifestSha256().orElse("");
    Path found = around.finder().find(state.liveUri().get(), sum);
    return Optional.of(ReleaseFolder.open(found, sum));
  }

  // Measuring.

  private void measure() throws IOException, ModelLoadException {
    HoldOut holdOut = HoldOutReader.read(labels.valJson(), labels.images());
    ReleaseFolder trained = ReleaseFolder.open(trainedRelease());
    Optional<ReleaseFolder> live = liveRelease();
    EngineSettings engine = EngineSettings.cpu(threads(), 1);
    Measured candidate;
    Optional<Measured> before;
    try (LoadedModel candidateModel = LoadedModel.load(trained, engine)) {
      if (live.isPresent()) {
        try (LoadedModel liveModel = LoadedModel.load(live.get(), engine)) {
          LatencyTrial.Times times =
              LatencyTrial.run(candidateModel, liveModel, somePictures(holdOut));
          candidate = measure(holdOut, candidateModel, times.candidate());
          before = Optional.of(measure(holdOut, liveModel, times.live()));
        }
      } else {
        candidate = measure(holdOut, candidateModel, 0);
        before = Optional.empty();
      }
    }
    Verdict verdict =
        new Gate(settings.gate())
            .judge(holdOut, candidate.contender(), before.map(Measured::contender));
    writeRelease(trained, candidate);
    state.candidate(version(trained));
    state.judged(verdict);
    report(holdOut, candidate, before);
    log.info(
        "Round {}: the gate {} {}: {}",
        state.number(),
        verdict.promoted() ? "lets pass" : "holds back",
        version(trained),
        verdict.promoted()
            ? verdict.gain().map(Verdict.Finding::sentence).orElse("")
            : String.join(" ", verdict.reasons()));
  }

  /** What was trained, in the form that is to be served: of floats, or of 8 bits. */
  private Path trainedRelease() throws IOException, ModelLoadException {
    Path floats = folder.resolve(TRAINING);
    if (settings.quantizePictures() == 0) {
      return floats;
    }
    Path eightBits = folder.resolve(EIGHT_BITS);
    if (!Files.isRegularFile(eightBits.resolve(ReleaseFolder.MANIFEST))) {
      new Quantizer(settings.quantizePictures(), WEIGHT_BITS)
          .quantize(floats, labels.images(), eightBits);
    }
    return eightBits;
  }

  private Measured measure(HoldOut holdOut, LoadedModel model, double millisPerPicture)
      throws IOException {
    List<ScoredBox> found =
        new ReleaseRun(model, ReleaseRun.LOW_SCORE)
            .detectKnown(holdOut.data(), done -> progress.stopIfAsked());
    return new Measured(
        model.manifest(),
        new Contender(model.manifest().classes(), found, millisPerPicture),
        new CocoEvaluator(holdOut.data()).measure(found));
  }

  private static List<Path> somePictures(HoldOut holdOut) {
    return holdOut.data().pictures().stream().map(p -> p.file()).limit(TIMED_PICTURES).toList();
  }

  private int threads() {
    return settings.threads() > 0 ? settings.threads() : Runtime.getRuntime().availableProcessors();
  }

  /** The round says where a release is from; the sum, what it is. */
  private String version(ReleaseFolder trained) {
    return String.format(
        Locale.ROOT, "r%04d-%s", state.number(), trained.manifest().sha256().substring(0, 8));
  }

  private void writeRelease(ReleaseFolder trained, Measured candidate) throws IOException {
    Path release = folder.resolve(RELEASE);
    ModelManifest m = trained.manifest();
    Map<String, String> provenance = new LinkedHashMap<>(m.provenance());
    provenance.put("round", String.valueOf(state.number()));
    provenance.put("labels", labels.id());
    provenance.put("startedFrom", state.startedFrom());
    state.liveVersion().ifPresent(version -> provenance.put("measuredAgainst", version));
    ModelManifest manifest =
        new ModelManifest(
            settings.modelName(),
            version(trained),
            m.inputWidthPx(),
            m.inputHeightPx(),
            m.fit(),
            m.mean(),
            m.scale(),
            m.classes(),
            m.anchors(),
            m.scoreThreshold(),
            m.nmsIou(),
            m.topKPerLevel(),
            m.maxDetections(),
            m.sha256(),
            candidate.evaluation().metrics().byName(),
            provenance);
    byte[] model = Files.readAllBytes(trained.folder().resolve(ReleaseFolder.MODEL));
    ReleaseFolder.write(release, manifest, model);
    Checkpoint last = Checkpoint.read(folder.resolve(TRAINING).resolve(Checkpoint.FILE_NAME));
    // The next round starts from it; what only resuming needs would triple its size.
    last.forStarting().write(release.resolve(Checkpoint.FILE_NAME));
  }

  private void report(HoldOut holdOut, Measured candidate, Optional<Measured> live)
      throws IOException {
    Path file = folder.resolve(REPORT);
    Files.writeString(
        file,
        new RoundReport(
                state,
                recipe(),
                labels,
                holdOut,
                Progress.read(folder),
                candidate,
                live,
                settings.mistakes())
            .html());
    Files.copy(file, folder.resolve(RELEASE).resolve(REPORT), StandardCopyOption.REPLACE_EXISTING);
  }

  // Keeping and promoting.

  private void keepAndPromote() throws IOException, InterruptedException, ModelLoadException {
    Path release = folder.resolve(RELEASE);
    state.write(release);
    StoredRelease kept = around.store().put(release);
    state.kept(kept.uri());
    Verdict verdict =
        state.verdict().orElseThrow(() -> new IOException(folder + ": it was never judged"));
    if (!verdict.promoted()) {
      end(Phase.REFUSED, "The gate held it back: " + String.join(" ", verdict.reasons()));
      return;
    }
    Optional<String> now = around.releases().live().map(LiveRelease::version);
    if (!now.equals(state.liveVersion()) && !now.equals(Optional.of(kept.version()))) {
      end(
          Phase.REFUSED,
          "It was measured against %s, but %s went live meanwhile; the next round is measured against that."
              .formatted(state.liveVersion().orElse("nothing"), now.orElse("nothing")));
      return;
    }
    around.releases().promote(ReleaseFolder.open(release), kept.uri());
    end(Phase.PROMOTED, kept.version() + " is announced as live.");
  }

  private void end(Phase phase, String sentence) throws IOException {
    state.end(phase, sentence, around.clock().instant());
    state.write(folder);
    around.metrics().over(state);
    log.info("Round {} is over: {}", state.number(), sentence);
  }
}
