package dev.fovea.trainer.round;

import dev.fovea.detector.engine.LoadedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * How long each of two models takes for a picture, JPEG to boxes. They run by turns on the same
 * pictures, first one first and then the other, so that whatever else the machine does falls on
 * both.
 */
final class LatencyTrial {
  private static final int ROUNDS = 5;

  private LatencyTrial() {}

  /** Medians, milliseconds. */
  record Times(double candidate, double live) {}

  /**
   * @param pictures JPEG files, at least one
   */
  static Times run(LoadedModel candidate, LoadedModel live, List<Path> pictures)
      throws IOException {
    double[] ofCandidate = new double[ROUNDS * pictures.size()];
    double[] ofLive = new double[ofCandidate.length];
    int at = 0;
    for (int round = 0; round < ROUNDS; round++) {
      for (Path picture : pictures) {
        List<byte[]> jpeg = List.of(Files.readAllBytes(picture));
        boolean liveFirst = at % 2 == 0;
        if (liveFirst) {
          ofLive[at] = millis(live, jpeg);
        }
        ofCandidate[at] = millis(candidate, jpeg);
        if (!liveFirst) {
          ofLive[at] = millis(live, jpeg);
        }
        at++;
      }
    }
    return new Times(median(ofCandidate), median(ofLive));
  }

  private static double millis(LoadedModel model, List<byte[]> jpeg) {
    long start = System.nanoTime();
    model.detect(jpeg);
    return (System.nanoTime() - start) / 1e6;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
