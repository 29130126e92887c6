package dev.fovea.benchmarks.micro;

import dev.fovea.benchmarks.StreetPictures;
import dev.fovea.detector.engine.EngineSettings;
import dev.fovea.detector.engine.LoadedModel;
import dev.fovea.detector.model.ImageBatch;
import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.model.Preprocessor;
import dev.fovea.detector.model.RawPredictions;
import dev.fovea.detector.model.UndecodableImageException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A release on ONNX Runtime's CPU engine; the figure is for the whole batch. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class InferenceBenchmark {
  /** The release folder. */
  @Param("models/street-synthetic")
  public String release = "";

  /** Threads of a run. */
  @Param({"1", "2"})
  public int threads;

  /** Frames of a run. */
  @Param({"1", "4"})
  public int batch;

  private @Nullable LoadedModel model;
  private @Nullable ImageBatch images;

  /** Loads the release and fills the batch with the street. */
  @Setup(Level.Trial)
  public void load() throws ModelLoadException, UndecodableImageException {
    LoadedModel loaded = LoadedModel.load(Path.of(release), EngineSettings.cpu(threads, batch));
    ImageBatch filled = loaded.newBatch();
    try (Preprocessor preprocessor = loaded.newPreprocessor()) {
      for (int slot = 0; slot < batch; slot++) {
        preprocessor.preprocess(StreetPictures.jpeg(640, 360, 50L * slot), filled, slot);
      }
    }
    filled.setSize(batch);
    model = loaded;
    images = filled;
  }

  /** Frees the engine. */
  @TearDown(Level.Trial)
  public void free() {
    if (model != null) {
      model.close();
    }
  }

  /** One batch. */
  @Benchmark
  public @Nullable RawPredictions infer() {
    return model == null || images == null ? null : model.infer(images);
  }
}
