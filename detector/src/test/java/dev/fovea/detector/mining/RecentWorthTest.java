package dev.fovea.detector.mining;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RecentWorthTest {
  private static final long STEP = 100_000;

  @Test
  void meanSpreadAndStepAreThoseOfTheFrames() {
    RecentWorth recent = normal(3, 0.5, 2_000);

    assertThat(recent.mean()).isCloseTo(3, within(0.15));
    assertThat(Math.sqrt(recent.variance())).isCloseTo(0.5, within(0.1));
    assertThat(recent.stepMicros()).isCloseTo(STEP, within(1.0));
  }

  @Test
  void halfAMinuteLaterWhatWasUsualIsForgotten() {
    RecentWorth recent = normal(3, 0.5, 2_000);
    for (int i = 0; i < 1_200; i++) {
      recent = recent.with(0, STEP);
    }
    assertThat(recent.mean()).isLessThan(3 * Math.exp(-3.9));
  }

  @Test
  void theBarIsAboutTheBestOfAsManyDraws() {
    RecentWorth recent = normal(3, 0.5, 2_000);
    Random random = new Random(5);
    double best = 0;
    int times = 500;
    for (int t = 0; t < times; t++) {
      double highest = 0;
      for (int i = 0; i < 100; i++) {
        highest = Math.max(highest, 3 + 0.5 * random.nextGaussian());
      }
      best += highest / times;
    }

    assertThat(recent.bestOfTheNext(100 * STEP)).isCloseTo(best, within(0.4));
    assertThat(recent.bestOfTheNext(STEP)).as("one more").isEqualTo(recent.mean());
    assertThat(recent.bestOfTheNext(STEP / 2)).as("none").isZero();
  }

  @Test
  void tenFramesTellWhatIsUsual() {
    RecentWorth recent = RecentWorth.NONE;
    for (int i = 0; i < 9; i++) {
      recent = recent.with(i, i == 0 ? 0 : STEP);
    }
    assertThat(recent.isKnown()).isFalse();
    recent = recent.with(9, STEP);
    assertThat(recent.isKnown()).isTrue();
    assertThat(recent.mean()).isCloseTo(4.5, within(1e-9));
    assertThat(recent.variance()).isCloseTo(8.25, within(1e-9));
  }

  private static RecentWorth normal(double mean, double deviation, int frames) {
    Random random = new Random(1);
    RecentWorth recent = RecentWorth.NONE;
    for (int i = 0; i < frames; i++) {
      recent = recent.with(mean + deviation * random.nextGaussian(), i == 0 ? 0 : STEP);
    }
    return recent;
  }
}
