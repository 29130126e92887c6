package dev.fovea.trainer.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.fovea.detector.geometry.AnchorGenerator;
import dev.fovea.detector.geometry.AnchorShapes;
import dev.fovea.detector.geometry.Boxes;
import dev.fovea.trainer.TinyRun;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HardExampleMiningTest {
  private static final int CLASSES = 3;
  private static final long SEED = 17;

  private final AnchorGenerator generator = AnchorGenerator.of(AnchorShapes.paper(), 96, 64);
  private final float[] anchors = generator.generate();
  private final TargetAssigner assigner =
      new TargetAssigner(generator, new IouMatcher(0.5, 0.4, true), CLASSES);
  private final Truth street =
      new Truth(
          new float[] {4, 6, 40, 30, 50, 20, 90, 60},
          new int[] {0, 2},
          new float[] {0, 40, 30, 64},
          List.of(Truth.Part.whole(Set.of(1))));
  private final Truth nothing = new Truth(new float[0], new int[0], new float[0], List.of());

  @Test
  void theHardestAnchorsThatDoNotLieOnEachOtherAreChosen() {
    Targets targets = assigner.assign(List.of(street, nothing));
    float[] loss = randomLoss(targets);
    float[] chosen = new HardExampleMining(generator, CLASSES, 40, 0.5, 0).choose(loss, targets);
    for (int n = 0; n < 2; n++) {
      List<Integer> anchorsChosen = anchorsIn(chosen, n);
      assertThat(anchorsChosen)
          .as("seed %s, picture %s", SEED, n)
          .containsExactlyInAnyOrderElementsOf(naive(loss, targets, n, 40, 0.5f));
    }
  }

  @Test
  void ignoredAnchorsAndUnmarkedClassesAreNoExamples() {
    Targets targets = assigner.assign(List.of(street));
    float[] chosen =
        new HardExampleMining(generator, CLASSES, Integer.MAX_VALUE, 1, 0)
            .choose(randomLoss(targets), targets);
    // Without suppression and limit, what counts is what counts without mining.
    assertThat(chosen).isEqualTo(targets.classWeight());
  }

  @Test
  void aRatioKeepsForegroundAmongHarderBackground() {
    Targets targets = assigner.assign(List.of(street, nothing));
    float[] loss = randomLoss(targets);
    for (int anchor = 0; anchor < generator.count(); anchor++) {
      if (!isForeground(targets, 0, anchor)) {
        loss[output(0, anchor, 0)] += 100;
      }
    }
    HardExampleMining plain = new HardExampleMining(generator, CLASSES, 16, 1, 0);
    assertThat(foreground(plain.choose(loss, targets), targets, 0)).isZero();
    float[] chosen = new HardExampleMining(generator, CLASSES, 16, 1, 3).choose(loss, targets);
    assertThat(foreground(chosen, targets, 0)).isEqualTo(4);
    assertThat(anchorsIn(chosen, 0)).hasSize(16);
    assertThat(anchorsIn(chosen, 1)).hasSize(3);
  }

  @Test
  void lossIsTheCrossEntropyOfTheChosenAndSoIsItsGradient() {
    Targets targets = assigner.assign(List.of(street));
    TinyRun.quietEngine();
    HardExampleMining mining = new HardExampleMining(generator, CLASSES, 20, 0.7, 0);
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
      double[] start = new Random(SEED).doubles(assigner.classRow(), -3, 3).toArray();
      NDArray logits = manager.create(start, new Shape(1, start.length));
      logits.setRequiresGradient(true);
      NDArray sum = mining.sum(logits, targets);
      collector.backward(sum);
      double[] gradient = logits.getGradient().toDoubleArray();
      float[] elements = new float[start.length];
      for (int i = 0; i < start.length; i++) {
        double z = targets.classTarget()[i] > 0 ? start[i] : -start[i];
        elements[i] = (float) Math.log1p(Math.exp(-z));
      }
      float[] chosen = mining.choose(elements, targets);
      double expected = 0;
      for (int i = 0; i < chosen.length; i++) {
        expected += chosen[i] * (double) elements[i];
        // d/dx log(1 + e^x) = p for background, p − 1 for foreground.
        double slope = 1 / (1 + Math.exp(-start[i])) - targets.classTarget()[i];
        assertThat(gradient[i]).as("output %s", i).isCloseTo(chosen[i] * slope, within(1e-9));
      }
      assertThat(anchorsIn(chosen, 0)).hasSize(20);
      assertThat(sum.toDoubleArray()[0]).isCloseTo(expected, within(1e-3));
    }
  }

  /** By the words of the paper: sort all, and take each that no harder one taken overlaps. */
  private List<Integer> naive(float[] loss, Targets targets, int n, int most, float iou) {
    List<Integer> sorted =
        IntStream.range(0, generator.count())
            .boxed()
            .filter(a -> IntStream.range(0, CLASSES).anyMatch(k -> weight(targets, n, a, k) > 0))
            .sorted(Comparator.comparing((Integer a) -> -lossOf(loss, targets, n, a)))
            .toList();
    List<Integer> taken = new ArrayList<>();
    for (int anchor : sorted) {
      if (taken.size() < most
          && taken.stream().noneMatch(t -> Boxes.iou(anchors, 4 * t, anchors, 4 * anchor) > iou)) {
        taken.add(anchor);
      }
    }
    return taken;
  }

  private float lossOf(float[] loss, Targets targets, int n, int anchor) {
    float sum = 0;
    for (int k = 0; k < CLASSES; k++) {
      sum += loss[output(n, anchor, k)] * weight(targets, n, anchor, k);
    }
    return sum;
  }

  private float weight(Targets targets, int n, int anchor, int k) {
    return targets.classWeight()[output(n, anchor, k)];
  }

  private List<Integer> anchorsIn(float[] chosen, int n) {
    return IntStream.range(0, generator.count())
        .boxed()
        .filter(a -> IntStream.range(0, CLASSES).anyMatch(k -> chosen[output(n, a, k)] > 0))
        .toList();
  }

  private long foreground(float[] chosen, Targets targets, int n) {
    return anchorsIn(chosen, n).stream().filter(anchor -> isForeground(targets, n, anchor)).count();
  }

  private boolean isForeground(Targets targets, int n, int anchor) {
    return IntStream.range(0, CLASSES)
        .anyMatch(k -> targets.classTarget()[output(n, anchor, k)] > 0);
  }

  /** Where the convolutions' layout has it: levels, then (A·K, H, W). */
  private int output(int n, int anchor, int k) {
    int before = 0;
    for (int level = 0; ; level++) {
      int count = generator.count(level);
      if (anchor < before + count) {
        int inLevel = anchor - before;
        int cell = inLevel / generator.perLocation();
        int a = inLevel % generator.perLocation();
        int plane = generator.height(level) * generator.width(level);
        return n * assigner.classRow() + before * CLASSES + (a * CLASSES + k) * plane + cell;
      }
      before += count;
    }
  }

  private static float[] randomLoss(Targets targets) {
    Random random = new Random(SEED);
    float[] loss = new float[targets.classWeight().length];
    for (int i = 0; i < loss.length; i++) {
      loss[i] = random.nextFloat();
    }
    return loss;
  }
}
