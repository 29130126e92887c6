package dev.fovea.trainer.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import com.fasterxml.jackson.databind.JsonNode;
import dev.fovea.detector.geometry.AnchorGenerator;
import dev.fovea.detector.geometry.AnchorShapes;
import dev.fovea.trainer.Golden;
import dev.fovea.trainer.TinyRun;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LossTest {
  private NDManager manager;

  @BeforeEach
  void open() {
    TinyRun.quietEngine();
    manager = NDManager.newBaseManager("PyTorch");
  }

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void focalLossIsTorchvisions() {
    JsonNode golden = Golden.read("torchvision-retinanet.json").get("sigmoid_focal_loss");
    NDArray logits = manager.create(Golden.floats(golden.get("logits")));
    NDArray targets = manager.create(Golden.floats(golden.get("targets")));
    for (JsonNode item : golden.get("cases")) {
      FocalLoss loss = new FocalLoss(item.get("alpha").asDouble(), item.get("gamma").asDouble());
      assertClose(
          loss.elements(logits, targets).toFloatArray(), Golden.floats(item.get("loss")), 1e-5);
    }
  }

  @Test
  void focalLossWithoutFocusIsTensorflowsCrossEntropy() {
    JsonNode golden = Golden.read("golden.json").get("sigmoid_focal_tf");
    float[] values = Golden.floats(golden.get("targets"));
    NDArray targets = manager.create(values);
    NDArray logits = manager.zeros(new Shape(values.length));
    assertThat(new FocalLoss(0.75, 0).elements(logits, targets).sum().getFloat())
        .isCloseTo((float) golden.get("sum_alpha_0.75").asDouble(), within(1e-5f));
    assertThat(new FocalLoss(1, 0).elements(logits, targets).sum().getFloat())
        .isCloseTo((float) golden.get("sum_alpha_1.0").asDouble(), within(1e-5f));
  }

  @Test
  void focalLossStaysFiniteAtExtremeLogits() {
    NDArray logits = manager.create(new float[] {-200, 200, -200, 200});
    NDArray targets = manager.create(new float[] {0, 0, 1, 1});
    assertClose(
        new FocalLoss(-1, 2).elements(logits, targets).toFloatArray(),
        new float[] {0, 200, 200, 0},
        1e-3);
  }

  @Test
  void crossEntropyIsTensorflowsFocalLossWithoutFocusAndBalance() {
    // Their alpha of none: the ratio of cross entropy to focal loss, to a power of ten.
    JsonNode golden = Golden.read("golden.json").get("sigmoid_focal_tf");
    for (String part : List.of("easy_gamma2_alpha_none", "hard_gamma2_alpha_none")) {
      float[] p = Golden.floats(golden.get(part).get("p"));
      NDArray probability = manager.create(p);
      NDArray logits = probability.div(probability.neg().add(1f)).log();
      NDArray targets = manager.create(Golden.floats(golden.get(part).get("t")));
      float[] ratio =
          FocalLoss.crossEntropy()
              .elements(logits, targets)
              .div(new FocalLoss(-1, 2).elements(logits, targets))
              .toFloatArray();
      float[] expected = Golden.floats(golden.get(part).get("floor_pow10_of_ce_over_fl"));
      for (int i = 0; i < ratio.length; i++) {
        assertThat(Math.pow(10, Math.floor(Math.log10(ratio[i])))).isEqualTo(expected[i]);
      }
    }
  }

  @Test
  void balancedCrossEntropyIsTorchvisionsFocalLossWithoutFocus() {
    JsonNode golden = Golden.read("torchvision-retinanet.json").get("sigmoid_focal_loss");
    JsonNode unfocused = golden.get("cases").get(1);
    assertThat(unfocused.get("gamma").asDouble()).isZero();
    assertClose(
        FocalLoss.balancedCrossEntropy(unfocused.get("alpha").asDouble())
            .elements(
                manager.create(Golden.floats(golden.get("logits"))),
                manager.create(Golden.floats(golden.get("targets"))))
            .toFloatArray(),
        Golden.floats(unfocused.get("loss")),
        1e-5);
  }

  /** The derivative as the paper has it (appendix B), and as differences of the loss say. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.5, 1, 2, 5})
  void gradientIsThePapersAndThatOfFiniteDifferences(double gamma) {
    double[] x = {-9, -3, -1, -0.2, 0, 0.4, 1.5, 4, 8, -6, -2, 0.1, 0.7, 2.5, 6};
    double[] t = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1};
    FocalLoss loss = new FocalLoss(0.25, gamma);
    double[] gradient = gradient(loss, x, t);
    double step = 1e-5;
    double[] above = elements(loss, shifted(x, step), t);
    double[] below = elements(loss, shifted(x, -step), t);
    for (int i = 0; i < x.length; i++) {
      double y = 2 * t[i] - 1;
      double pt = 1 / (1 + Math.exp(-y * x[i]));
      double paper =
          (t[i] == 1 ? 0.25 : 0.75)
              * y
              * Math.pow(1 - pt, gamma)
              * (gamma * pt * Math.log(pt) + pt - 1);
      assertThat(gradient[i])
          .as("paper, x = %s, t = %s", x[i], t[i])
          .isCloseTo(paper, within(1e-7));
      assertThat(gradient[i])
          .as("differences, x = %s, t = %s", x[i], t[i])
          .isCloseTo((above[i] - below[i]) / (2 * step), within(1e-6));
    }
  }

  @Test
  void gradientIsANumberAtExtremeLogitsWhateverTheFocus() {
    for (double gamma : new double[] {0, 0.5, 1, 2, 5}) {
      try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
        NDArray logits = manager.create(new float[] {-200, -30, 30, 200, -200, -30, 30, 200});
        logits.setRequiresGradient(true);
        NDArray targets = manager.create(new float[] {0, 0, 0, 0, 1, 1, 1, 1});
        collector.backward(new FocalLoss(0.5, gamma).elements(logits, targets).sum());
        assertClose(
            logits.getGradient().toFloatArray(),
            new float[] {0, 0, .5f, .5f, -.5f, -.5f, 0, 0},
            1e-5);
      }
    }
  }

  private double[] elements(FocalLoss loss, double[] logits, double[] targets) {
    return loss.elements(manager.create(logits), manager.create(targets)).toDoubleArray();
  }

  private double[] gradient(FocalLoss loss, double[] logits, double[] targets) {
    try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
      NDArray x = manager.create(logits);
      x.setRequiresGradient(true);
      collector.backward(loss.elements(x, manager.create(targets)).sum());
      return x.getGradient().toDoubleArray();
    }
  }

  private static double[] shifted(double[] values, double by) {
    return Arrays.stream(values).map(v -> v + by).toArray();
  }

  @Test
  void generalizedIouIsTorchvisions() {
    JsonNode golden = Golden.read("torchvision-retinanet.json").get("generalized_iou_loss");
    NDArray loss =
        BoxLoss.GeneralizedIou.ofBoxes(
            manager.create(Golden.floats(golden.get("a")), new Shape(3, 4)),
            manager.create(Golden.floats(golden.get("b")), new Shape(3, 4)));
    assertClose(loss.toFloatArray(), Golden.floats(golden.get("loss")), 1e-5);
  }

  @Test
  void smoothL1IsQuadraticNearAndLinearFar() {
    NDArray zero = manager.zeros(new Shape(1, 4));
    NDArray deltas = manager.create(new float[] {0.05f, -0.1f, 0.5f, -2}, new Shape(1, 4));
    float loss = new BoxLoss.SmoothL1(0.1).perAnchor(deltas, zero, zero, zero).getFloat(0);
    assertThat(loss).isCloseTo(0.0125f + 0.05f + 0.45f + 1.95f, within(1e-5f));
  }

  @Test
  void wholeLossIsTorchvisionsThroughTheLayoutOfTheConvolutions() {
    JsonNode golden = Golden.read("torchvision-retinanet.json");
    AnchorShapes shapes =
        new AnchorShapes(
            4,
            List.of(0.5, 1.0, 2.0),
            List.of(1.0, Math.pow(2, 1 / 3.0), Math.pow(2, 2 / 3.0)),
            true);
    AnchorGenerator anchors = AnchorGenerator.of(shapes, 128, 96);
    assertThat(anchors.count()).isEqualTo(golden.get("anchors").size());
    Truth truth =
        new Truth(
            Golden.floats(golden.get("ground_truth").get("boxes")),
            Golden.ints(golden.get("ground_truth").get("labels")),
            new float[0],
            List.of());
    Targets targets =
        new TargetAssigner(anchors, new IouMatcher(0.5, 0.4, true), 3).assign(List.of(truth));
    NDList outputs = new NDList();
    float[] logits = Golden.floats(golden.get("cls_logits"));
    float[] deltas = Golden.floats(golden.get("bbox_regression"));
    int at = 0;
    for (int level = 0; level < anchors.levels(); level++) {
      outputs.add(maps(logits, at, anchors, level, 3));
      outputs.add(maps(deltas, at, anchors, level, 4));
      at += anchors.count(level);
    }
    DetectionLoss.Value loss =
        new DetectionLoss(new FocalLoss(0.25, 2), new BoxLoss.L1(), 1).of(outputs, targets);
    assertThat(loss.classes().getFloat())
        .isCloseTo((float) golden.get("loss").get("classification").asDouble(), within(1e-5f));
    assertThat(loss.boxes().getFloat())
        .isCloseTo((float) golden.get("loss").get("bbox_regression").asDouble(), within(1e-5f));
  }

  @Test
  void picturesWithoutObjectsHaveClassLossOnly() {
    AnchorGenerator anchors = AnchorGenerator.of(AnchorShapes.paper(), 32, 32);
    Truth nothing = new Truth(new float[0], new int[0], new float[0], List.of());
    Targets targets =
        new TargetAssigner(anchors, new IouMatcher(0.5, 0.4, true), 2).assign(List.of(nothing));
    NDList outputs = new NDList();
    for (int level = 0; level < anchors.levels(); level++) {
      for (int depth : new int[] {2, 4}) {
        outputs.add(
            manager.zeros(new Shape(1, 9L * depth, anchors.height(level), anchors.width(level))));
      }
    }
    DetectionLoss.Value loss =
        new DetectionLoss(new FocalLoss(0.25, 2), new BoxLoss.L1(), 1).of(outputs, targets);
    // Per output .75 · .5² · ln 2
    assertThat(loss.classes().getFloat())
        .isCloseTo((float) (anchors.count() * 2 * 0.75 * 0.25 * Math.log(2)), within(1e-2f));
    assertThat(loss.boxes().getFloat()).isZero();
  }

  @Test
  void anchorsInACrowdAndUnmarkedClassesTeachNothing() {
    AnchorGenerator anchors = AnchorGenerator.of(AnchorShapes.paper(), 32, 32);
    TargetAssigner assigner = new TargetAssigner(anchors, new IouMatcher(0.5, 0.4, true), 2);
    Truth crowd =
        new Truth(new float[0], new int[0], new float[] {-999, -999, 999, 999}, List.of());
    assertThat(assigner.assign(List.of(crowd)).classWeight()).containsOnly(0);
    Truth unmarked = nothingWith(Truth.Part.whole(Set.of(1)));
    float[] weight = assigner.assign(List.of(unmarked)).classWeight();
    int plane = anchors.height(0) * anchors.width(0);
    assertThat(weight[0]).isEqualTo(1);
    assertThat(weight[plane]).isEqualTo(0);
  }

  /** Class 0 is unmarked in the left half, class 1 in the right; a box of class 0 lies left. */
  @Test
  void classesAreUnmarkedInTheirPartOnly() {
    AnchorGenerator anchors = AnchorGenerator.of(AnchorShapes.paper(), 64, 64);
    TargetAssigner assigner = new TargetAssigner(anchors, new IouMatcher(0.5, 0.4, true), 2);
    float end = Float.POSITIVE_INFINITY;
    Truth truth =
        new Truth(
            new float[] {0, 0, 31, 31},
            new int[] {0},
            new float[0],
            List.of(
                new Truth.Part(-end, -end, 32, end, Set.of(0)),
                new Truth.Part(32, -end, end, end, Set.of(1))));
    Targets targets = assigner.assign(List.of(truth));
    float[] rows = anchors.generate();
    int[] matches = new IouMatcher(0.5, 0.4, true).match(rows, truth.boxes());
    int plane = anchors.height(0) * anchors.width(0);
    int seen = 0;
    for (int location = 0; location < plane; location++) {
      for (int a = 0; a < anchors.perLocation(); a++) {
        int anchor = location * anchors.perLocation() + a;
        boolean left = (rows[4 * anchor] + rows[4 * anchor + 2]) / 2 < 32;
        float[] weights = {
          targets.classWeight()[(2 * a) * plane + location],
          targets.classWeight()[(2 * a + 1) * plane + location]
        };
        if (matches[anchor] == AnchorMatcher.BACKGROUND) {
          assertThat(weights).containsExactly(left ? 0 : 1, left ? 1 : 0);
        } else if (matches[anchor] >= 0) {
          assertThat(weights).containsExactly(1, 1);
          seen++;
        }
      }
    }
    assertThat(seen).isPositive();
  }

  private static Truth nothingWith(Truth.Part part) {
    return new Truth(new float[0], new int[0], new float[0], List.of(part));
  }

  /** (anchors of the level, depth) row-major to (1, A·depth, H, W). */
  private NDArray maps(float[] rows, int from, AnchorGenerator anchors, int level, int depth) {
    int plane = anchors.height(level) * anchors.width(level);
    int perLocation = anchors.perLocation();
    float[] maps = new float[plane * perLocation * depth];
    for (int cell = 0; cell < plane; cell++) {
      for (int a = 0; a < perLocation; a++) {
        for (int d = 0; d < depth; d++) {
          maps[(a * depth + d) * plane + cell] = rows[(from + cell * perLocation + a) * depth + d];
        }
      }
    }
    return manager.create(
        maps,
        new Shape(1, (long) perLocation * depth, anchors.height(level), anchors.width(level)));
  }

  private static void assertClose(float[] actual, float[] expected, double tolerance) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual[i]).as("element %s", i).isCloseTo(expected[i], within(tolerance));
    }
  }
}
