package dev.fovea.trainer.loss;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.fovea.trainer.TinyRun;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A gradient must not hang on memory that the garbage collector may take between the loss and its
 * gradient, as DJL's operations with a number do ({@link Constant}).
 */
class GradientMemoryTest {
  private static final int COLLECTIONS = 3;
  private static final int OVERWRITTEN = 50_000;

  @BeforeAll
  static void engine() {
    TinyRun.quietEngine();
  }

  static Stream<Arguments> losses() {
    List<ClassLoss> classes =
        List.of(
            new FocalLoss(0.25, 2),
            new FocalLoss(0.5, 0.5),
            new QualityFocalLoss(2),
            FocalLoss.crossEntropy(),
            FocalLoss.balancedCrossEntropy(0.75));
    List<BoxLoss> boxes =
        List.of(new BoxLoss.GeneralizedIou(), new BoxLoss.SmoothL1(0.11), new BoxLoss.L1());
    return classes.stream().flatMap(c -> boxes.stream().map(b -> Arguments.of(c, b)));
  }

  @ParameterizedTest
  @MethodSource("losses")
  void aCollectionBetweenLossAndGradientChangesNothing(ClassLoss classes, BoxLoss boxes) {
    DetectionLoss loss = new DetectionLoss(classes, boxes, 2);

    float[] undisturbed = gradient(loss, () -> {});
    float[] disturbed = gradient(loss, GradientMemoryTest::collectAndOverwrite);

    assertThat(undisturbed).hasSize(30);
    assertThat(disturbed).isEqualTo(undisturbed);
  }

  /** A picture of 2 × 2 locations on one level and one on the next, an anchor each, two classes. */
  private static float[] gradient(DetectionLoss loss, Runnable between) {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      NDList outputs =
          new NDList(
              ramp(manager, -1.5f, 0.35f, new Shape(1, 2, 2, 2)),
              ramp(manager, -0.4f, 0.05f, new Shape(1, 4, 2, 2)),
              ramp(manager, -0.7f, 0.35f, new Shape(1, 2, 1, 1)),
              ramp(manager, -0.2f, 0.05f, new Shape(1, 4, 1, 1)));
      try (GradientCollector gradients = Engine.getEngine("PyTorch").newGradientCollector()) {
        DetectionLoss.Value value = loss.of(outputs, targets());
        between.run();
        gradients.backward(value.total());
      }
      float[] all = new float[0];
      for (NDArray output : outputs) {
        all = concat(all, output.getGradient().toFloatArray());
      }
      return all;
    }
  }

  private static NDArray ramp(NDManager manager, float from, float by, Shape shape) {
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = from + by * i;
    }
    NDArray array = manager.create(values, shape);
    array.setRequiresGradient(true);
    return array;
  }

  private static Targets targets() {
    return new Targets(
        new float[] {1, 0, 0, 0, 0, 0, 1, 0, 0, 0},
        new float[] {1, 1, 1, 0, 1, 1, 1, 0, 1, 1},
        new int[] {0, 6},
        new int[] {0, 4, 8, 12, 2, 6, 10, 14},
        new float[] {0.1f, -0.2f, 0.3f, 0, -0.1f, 0.2f, 0, 0.4f},
        new float[] {0, 0, 16, 16, 8, 8, 24, 24},
        new float[] {1, 2, 15, 18, 6, 9, 22, 28});
  }

  /** What nothing holds is freed, and what was there is something else. */
  private static void collectAndOverwrite() {
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
      sleep();
    }
    List<ByteBuffer> others = new ArrayList<>();
    for (int i = 0; i < OVERWRITTEN; i++) {
      others.add(ByteBuffer.allocateDirect(Float.BYTES).putInt(0, 0x7f7f7f7f));
    }
    assertThat(others).hasSize(OVERWRITTEN);
  }

  private static void sleep() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static float[] concat(float[] a, float[] b) {
    float[] both = new float[a.length + b.length];
    System.arraycopy(a, 0, both, 0, a.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
