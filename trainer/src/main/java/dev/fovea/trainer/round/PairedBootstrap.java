package dev.fovea.trainer.round;

import dev.fovea.trainer.evaluate.MatchTable;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * How far a difference in AP can be trusted: the hold-out's scenes are drawn anew with replacement,
 * many times, and both models are measured on each draw. The pairing takes out what both find hard.
 * Percentile interval (Efron and Tibshirani 1993, §13.3).
 */
final class PairedBootstrap {
  private final MatchTable candidate;
  private final MatchTable live;
  private final int[] sceneOfPicture;
  private final int scenes;

  /**
   * @param sceneOfPicture (pictures) 0 to scenes − 1
   */
  PairedBootstrap(MatchTable candidate, MatchTable live, int[] sceneOfPicture) {
    if (candidate.pictures() != live.pictures() || candidate.pictures() != sceneOfPicture.length) {
      throw new IllegalArgumentException("both must have been measured on the same pictures");
    }
    this.candidate = candidate;
    this.live = live;
    this.sceneOfPicture = sceneOfPicture;
    this.scenes = Arrays.stream(sceneOfPicture).max().orElse(-1) + 1;
  }

  /**
   * The gain in AP and what the draws support.
   *
   * @param point on the hold-out as it is
   * @param lower the gain is above it with the confidence asked for
   * @param upper the gain is below it with the same confidence
   */
  record Gain(double point, double lower, double upper) {}

  Gain gain(int resamples, double confidence, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] gains = new double[resamples];
    for (int i = 0; i < resamples; i++) {
      gains[i] = gain(draw(random));
    }
    Arrays.sort(gains);
    int[] once = new int[sceneOfPicture.length];
    Arrays.fill(once, 1);
    int tail = (int) Math.floor((1 - confidence) * resamples);
    return new Gain(gain(once), gains[tail], gains[resamples - 1 - tail]);
  }

  /** Where no picture drawn has a box, neither model has an AP, and there is no gain. */
  private double gain(int[] weights) {
    return candidate.ap(weights) - live.ap(weights);
  }

  private int[] draw(SplittableRandom random) {
    int[] times = new int[scenes];
    for (int i = 0; i < scenes; i++) {
      times[random.nextInt(scenes)]++;
    }
    int[] weights = new int[sceneOfPicture.length];
    for (int p = 0; p < weights.length; p++) {
      weights[p] = times[sceneOfPicture[p]];
    }
    return weights;
  }
}
