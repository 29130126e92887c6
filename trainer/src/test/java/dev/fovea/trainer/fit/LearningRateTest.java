package dev.fovea.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.trainer.TrainSettings;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LearningRateTest {
  private static final Map<String, String> TENTH =
      Map.of("optimizer.learning-rate", "0.1", "optimizer.warm-up-steps", "4");

  @Test
  void stepsDownAtItsMilestonesAfterTheWarmUp() {
    LearningRate rate = rate("optimizer.schedule", "step", "optimizer.milestones", "[0.6, 0.8]");
    assertThat(rate.at(0)).isCloseTo(0.025, within(1e-12));
    assertThat(rate.at(4)).isCloseTo(0.1, within(1e-12));
    assertThat(rate.at(59)).isCloseTo(0.1, within(1e-12));
    assertThat(rate.at(60)).isCloseTo(0.01, within(1e-12));
    assertThat(rate.at(80)).isCloseTo(0.001, within(1e-12));
    assertThat(rate.at(99)).isCloseTo(0.001, within(1e-12));
  }

  @Test
  void theCosineEndsAtItsPartOfTheRate() {
    LearningRate rate = rate("optimizer.schedule", "cosine", "optimizer.final-factor", "0.2");
    assertThat(rate.at(3)).isCloseTo(0.1, within(1e-12));
    assertThat(rate.at(52)).isCloseTo(0.06, within(1e-12));
    assertThat(rate.at(100)).isCloseTo(0.02, within(1e-12));
  }

  private static LearningRate rate(String key, String value, String other, String otherValue) {
    Map<String, String> set = new HashMap<>(TENTH);
    set.put(key, value);
    set.put(other, otherValue);
    return new LearningRate(TrainSettings.with(set).optimizer(), 100);
  }
}
