package dev.fovea.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import dev.fovea.trainer.Golden;
import dev.fovea.trainer.TinyRun;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The weights after each of four steps, the rate falling after the second, are PyTorch's. */
class UpdateRuleTest {
  private static final int SIZE = 6;

  @BeforeAll
  static void engine() {
    TinyRun.quietEngine();
  }

  @Test
  void stochasticGradientDescentIsPyTorchs() {
    assertTrajectory(new Sgd(0.9, 0.01), "sgd");
  }

  @Test
  void adamWIsPyTorchs() {
    assertTrajectory(new AdamW(0.05), "adamw");
  }

  @Test
  void weightDecaySparesWhatIsNotDecayedAndShrinkScalesTheGradient() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      NDArray weight = manager.create(new float[] {1, -2});
      weight.setRequiresGradient(true);
      new Sgd(0, 0.5)
          .update(
              weight,
              manager.create(new float[] {4, 4}),
              List.of(manager.zeros(weight.getShape())),
              false,
              new UpdateRule.Step(0, 0.1, 0.25f));
      assertThat(weight.toFloatArray()).containsExactly(new float[] {0.9f, -2.1f}, within(1e-6f));
    }
  }

  private static void assertTrajectory(UpdateRule rule, String name) {
    JsonNode golden = Golden.read("pytorch-training.json").get(name);
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      NDArray weight = manager.create(wave(0.7, 1));
      weight.setRequiresGradient(true);
      List<NDArray> moments =
          rule.moments().stream().map(moment -> manager.zeros(weight.getShape())).toList();
      for (int step = 0; step < golden.size(); step++) {
        NDArray gradient = manager.create(wave(1.1 + step, 0.5));
        double rate = step < 2 ? 0.1 : 0.01;
        rule.update(weight, gradient, moments, true, new UpdateRule.Step(step, rate, 1));
        assertThat(weight.toFloatArray())
            .as("step %s", step)
            .containsExactly(Golden.floats(golden.get(step)), within(2e-6f));
      }
    }
  }

  /** As in the script that made the numbers. */
  private static float[] wave(double step, double scale) {
    float[] values = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      values[i] = (float) (scale * Math.sin(i * step + 0.3));
    }
    return values;
  }
}
