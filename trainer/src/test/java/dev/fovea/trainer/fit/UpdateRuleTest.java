package dev.fovea.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fovea.trainer.Golden;
import org.junit.jupiter.api.Test;

/** The weights after each of four steps, the rate falling after the second, are PyTorch's. */
class UpdateRuleTest {
  private static final int SIZE = 6;

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
    float[] weight = {1, -2};
    UpdateRule.Step step = new UpdateRule.Step(0, 0.1, 0.25f);
    new Sgd(0, 0.5).update(weight, new float[] {4, 4}, new float[1][2], 2, false, step);
    assertThat(weight).containsExactly(new float[] {0.9f, -2.1f}, within(1e-6f));
  }

  private static void assertTrajectory(UpdateRule rule, String name) {
    JsonNode golden = Golden.read("pytorch-training.json").get(name);
    float[] weight = wave(0.7, 1);
    float[][] moments = new float[rule.moments().size()][SIZE];
    for (int step = 0; step < golden.size(); step++) {
      float[] gradient = wave(1.1 + step, 0.5);
      double rate = step < 2 ? 0.1 : 0.01;
      rule.update(weight, gradient, moments, SIZE, true, new UpdateRule.Step(step, rate, 1));
      assertThat(weight)
          .as("step %s", step)
          .containsExactly(Golden.floats(golden.get(step)), within(2e-6f));
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
