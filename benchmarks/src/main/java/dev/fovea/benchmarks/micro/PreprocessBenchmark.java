package dev.fovea.benchmarks.micro;

import dev.fovea.benchmarks.StreetPictures;
import dev.fovea.detector.geometry.AnchorShapes;
import dev.fovea.detector.model.Fit;
import dev.fovea.detector.model.ImageBatch;
import dev.fovea.detector.model.ModelManifest;
import dev.fovea.detector.model.PictureLimits;
import dev.fovea.detector.model.Preprocessor;
import dev.fovea.detector.model.UndecodableImageException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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

/** JPEG bytes to model input, 384x224: header, decoding, one scaling pass, normalisation. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PreprocessBenchmark {
  /** Size of the frame as recorded. */
  @Param({"640x360", "1280x720"})
  public String frame = "";

  private byte[] jpeg = new byte[0];
  private ImageBatch batch = new ImageBatch(1, 1, 1);
  private Preprocessor preprocessor = new Preprocessor(manifest(), PictureLimits.DEFAULT);

  /** Draws the picture. */
  @Setup(Level.Trial)
  public void draw() {
    int x = frame.indexOf('x');
    jpeg =
        StreetPictures.jpeg(
            Integer.parseInt(frame.substring(0, x)), Integer.parseInt(frame.substring(x + 1)), 100);
    batch = new ImageBatch(1, manifest().inputWidthPx(), manifest().inputHeightPx());
  }

  /** Frees the decoder. */
  @TearDown(Level.Trial)
  public void free() {
    preprocessor.close();
  }

  /** One picture. */
  @Benchmark
  public ImageBatch preprocess() throws UndecodableImageException {
    preprocessor.preprocess(jpeg, batch, 0);
    return batch;
  }

  private static ModelManifest manifest() {
    return new ModelManifest(
        "benchmark",
        "1",
        384,
        224,
        Fit.STRETCH,
        List.of(0.485f, 0.456f, 0.406f),
        List.of(0.229f, 0.224f, 0.225f),
        List.of("car", "person", "bicycle"),
        AnchorShapes.paper(),
        0.3f,
        0.5f,
        1000,
        100,
        "0".repeat(64),
        Map.of(),
        Map.of());
  }
}
