package dev.fovea.benchmarks.micro;

import dev.fovea.detector.geometry.AnchorGenerator;
import dev.fovea.detector.geometry.AnchorShapes;
import dev.fovea.detector.model.DecodingSettings;
import dev.fovea.detector.model.Detected;
import dev.fovea.detector.model.DetectionDecoder;
import dev.fovea.detector.model.ImagePlacement;
import dev.fovea.detector.model.RawPredictions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * Raw predictions to detections: the scan of all logits, the best of each level, their boxes,
 * suppression. Logits are normal around −5, so that a small part passes, as a trained model's do.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DecodeBenchmark {
  private static final long SEED = 7;

  /** Input width; the height is 7/12 of it. */
  @Param({"384", "768"})
  public int widthPx;

  /** Classes of the model. */
  @Param({"3", "80"})
  public int classes;

  /** Serving threshold, and one as low as evaluation uses. */
  @Param({"0.3", "0.01"})
  public float scoreThreshold;

  private List<RawPredictions.Level> levels = List.of();
  private DetectionDecoder decoder =
      new DetectionDecoder(
          List.of("any"),
          AnchorGenerator.of(AnchorShapes.paper(), 128, 128),
          new DecodingSettings(0, 0, 1, 1));

  /** Draws the predictions. */
  @Setup(Level.Trial)
  public void draw() {
    Random random = new Random(SEED);
    AnchorGenerator anchors = AnchorGenerator.of(AnchorShapes.paper(), widthPx, heightPx());
    levels = new ArrayList<>();
    for (int level = 0; level < anchors.levels(); level++) {
      levels.add(
          new RawPredictions.Level(
              anchors.height(level),
              anchors.width(level),
              normal(random, anchors.count(level) * classes, -5, 1.2f),
              normal(random, anchors.count(level) * 4, 0, 0.3f)));
    }
    decoder =
        new DetectionDecoder(
            IntStream.range(0, classes).mapToObj(String::valueOf).toList(),
            anchors,
            new DecodingSettings(scoreThreshold, 0.5f, 1000, 100));
  }

  /** One frame. */
  @Benchmark
  public List<Detected> decode() {
    return decoder.decode(
        new RawPredictions(1, levels),
        0,
        new ImagePlacement(2 * widthPx, 2 * heightPx(), widthPx, heightPx()));
  }

  private int heightPx() {
    return widthPx * 7 / 12;
  }

  private static FloatBuffer normal(Random random, int count, float mean, float deviation) {
    FloatBuffer floats =
        ByteBuffer.allocateDirect(count * Float.BYTES)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    for (int i = 0; i < count; i++) {
      floats.put(i, mean + deviation * (float) random.nextGaussian());
    }
    return floats;
  }
}
