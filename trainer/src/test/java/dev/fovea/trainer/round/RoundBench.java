package dev.fovea.trainer.round;

import dev.fovea.detector.model.ReleaseFolder;
import dev.fovea.detector.s3.S3Settings;
import dev.fovea.trainer.TinyRun;
import dev.fovea.trainer.labels.LabelVersion;
import dev.fovea.trainer.round.Round.Surroundings;
import dev.fovea.trainer.round.RoundRunner.DataVersions;
import dev.fovea.trainer.round.RoundRunner.Retry;
import dev.fovea.trainer.store.FolderStore;
import dev.fovea.trainer.store.LiveRelease;
import dev.fovea.trainer.store.ModelStores;
import dev.fovea.trainer.store.Releases;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Rounds of a tiny network in a folder, with a register of what is live in memory. */
final class RoundBench {
  static final GateSettings LENIENT =
      new GateSettings(0.01, 0.95, 200, 1, 0.2, 0.2, 5, false, 5, 10);

  private static final S3Settings NO_BUCKETS =
      new S3Settings(
          Optional.empty(), Optional.empty(), false, Duration.ofSeconds(1), Duration.ofSeconds(1));

  final Path folder;
  final Live live = new Live();
  final FolderStore store;
  final RoundFolders rounds;
  final RoundMetrics metrics = new RoundMetrics();
  private final Map<String, String> recipe = new HashMap<>();
  private double learningRate = 1e-3;
  private BooleanSupplier stopping = () -> false;
  private int steps = 60;
  private int quantizePictures;

  RoundBench(Path folder) {
    this.folder = folder;
    this.store = new FolderStore(folder.resolve("store"));
    this.rounds = new RoundFolders(folder.resolve("rounds"));
    recipe.put("schedule.steps", "160");
    recipe.put("optimizer.learning-rate", "0.003");
    recipe.put("schedule.batch", "4");
    recipe.put("augmentation.scale-min", "1");
    recipe.put("augmentation.scale-max", "1");
    recipe.put("augmentation.colour", "0");
  }

  RoundBench set(String key, String value) {
    recipe.put(key, value);
    return this;
  }

  RoundBench eightBits() {
    quantizePictures = 8;
    return this;
  }

  RoundBench fineTune(int steps, double learningRate) {
    this.steps = steps;
    this.learningRate = learningRate;
    return this;
  }

  RoundBench stopWhen(BooleanSupplier stopping) {
    this.stopping = stopping;
    return this;
  }

  RoundRunner runner(LabelVersion labels) {
    return runner(
        new DataVersions() {
          @Override
          public LabelVersion version(String id) {
            return labels;
          }

          @Override
          public Optional<LabelVersion> latest() {
            return Optional.of(labels);
          }
        });
  }

  RoundRunner runner(DataVersions versions) {
    RoundSettings settings =
        new RoundSettings(
            "tiny",
            Optional.empty(),
            Optional.of(TinyRun.settings(recipe)),
            steps,
            learningRate,
            20,
            1,
            1,
            quantizePictures,
            6,
            3,
            LENIENT);
    return new RoundRunner(
        settings,
        new Retry(3, Duration.ofMillis(10), Duration.ofMillis(30)),
        rounds,
        versions,
        new Surroundings(
            live,
            store,
            ModelStores.open(
                    folder.resolve("store").toString(), NO_BUCKETS, folder.resolve("fetched"))
                .finder(),
            stopping,
            metrics,
            Clock.systemUTC()));
  }

  /** What is live, without a broker. */
  static final class Live implements Releases {
    private @Nullable LiveRelease now;

    @Override
    public Optional<LiveRelease> live() {
      return Optional.ofNullable(now);
    }

    @Override
    public void promote(ReleaseFolder release, String uri) {
      now = new LiveRelease(release.manifest().version(), uri, release.manifestSha256());
    }
  }
}
