package dev.fovea.trainer.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.fovea.trainer.TinyRun;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QualityFocalLossTest {
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

  /** Of 0 and 1 |y − σ| is 1 − p_t. */
  @ParameterizedTest
  @ValueSource(doubles = {1, 2, 3.5})
  void withTargetsOf0And1ItIsFocalLossWithoutAlpha(double gamma) {
    double[] logits = {-9, -1, 0, 0.4, 8, -6, -2, 0, 0.7, 6};
    double[] targets = {0, 0, 0, 0, 0, 1, 1, 1, 1, 1};

    double[] focal =
        new FocalLoss(-1, gamma)
            .elements(manager.create(logits), manager.create(targets))
            .toDoubleArray();

    assertThat(elements(gamma, logits, targets)).containsExactly(focal, within(1e-6));
  }

  @Test
  void itIsThePapersFormula() {
    // |0.7 − 0.5|² · ln 2 at a logit of 0; 0 where the score is the quality.
    double fits = Math.log(0.7 / 0.3);
    assertThat(elements(2, new double[] {0, fits}, new double[] {0.7, 0.7}))
        .containsExactly(new double[] {0.04 * Math.log(2), 0}, within(1e-7));
  }

  @Test
  void itsGradientIsThatOfFiniteDifferences() {
    double[] x = {-3, -1, 0, 0.4, 2, -2, 0.7, 3};
    double[] y = {0, 0, 0.3, 0.9, 0.6, 0.75, 0.2, 1};
    double step = 1e-5;

    double[] gradient = gradient(x, y);

    double[] above = elements(2, Arrays.stream(x).map(v -> v + step).toArray(), y);
    double[] below = elements(2, Arrays.stream(x).map(v -> v - step).toArray(), y);
    for (int i = 0; i < x.length; i++) {
      assertThat(gradient[i])
          .as("x = %s, y = %s", x[i], y[i])
          .isCloseTo((above[i] - below[i]) / (2 * step), within(1e-6));
    }
  }

  @Test
  void itIsANumberAtExtremeLogitsAndOnTheTargetItself() {
    assertThat(gradient(new double[] {-200, 200, 0}, new double[] {0.5, 0.5, 0.5}))
        .containsExactly(new double[] {-0.125, 0.125, 0}, within(1e-6));
  }

  /** Two levels of an anchor each; the first's box is predicted half its width aside: IoU 1/3. */
  @Test
  void aForegroundAnchorsTargetIsTheIouOfItsPredictedBox() {
    Targets targets =
        new Targets(
            new float[] {1, 0},
            new float[] {1, 1},
            new int[] {0},
            new int[] {0, 1, 2, 3},
            new float[] {0, 0, 0, 0},
            new float[] {0, 0, 16, 16},
            new float[] {0, 0, 16, 16});
    float oneThird = (float) Math.log(0.5);
    float nothing = -50;

    assertThat(classLoss(oneThird, nothing, 0.5f, targets)).isCloseTo(0, within(1e-6f));
    // Of a box that lies right the score should be 1: (2/3)² · ln 3.
    assertThat(classLoss(oneThird, nothing, 0, targets))
        .isCloseTo((float) (4 / 9.0 * Math.log(3)), within(1e-5f));
    assertThat(targets.classTarget()).containsExactly(1, 0);
  }

  private float classLoss(float first, float second, float dx, Targets targets) {
    Shape one = new Shape(1, 1, 1, 1);
    Shape four = new Shape(1, 4, 1, 1);
    NDList outputs =
        new NDList(
            manager.create(new float[] {first}, one),
            manager.create(new float[] {dx, 0, 0, 0}, four),
            manager.create(new float[] {second}, one),
            manager.zeros(four));
    return new DetectionLoss(new QualityFocalLoss(2), new BoxLoss.GeneralizedIou(), 1)
        .of(outputs, targets)
        .classes()
        .getFloat();
  }

  private double[] elements(double gamma, double[] logits, double[] targets) {
    return new QualityFocalLoss(gamma)
        .elements(manager.create(logits), manager.create(targets))
        .toDoubleArray();
  }

  private double[] gradient(double[] logits, double[] targets) {
    try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
      NDArray x = manager.create(logits);
      x.setRequiresGradient(true);
      collector.backward(new QualityFocalLoss(2).elements(x, manager.create(targets)).sum());
      return x.getGradient().toDoubleArray();
    }
  }
}
