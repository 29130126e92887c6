package dev.fovea.trainer.round;

/**
 * What a candidate must show to be promoted; AP is 0 to 1.
 *
 * @param minGain the gain in AP must be above it, and so must the lower end of what the bootstrap
 *     supports
 * @param confidence of that lower end, one-sided
 * @param resamples the bootstrap's draws
 * @param seed of the draws
 * @param maxClassDrop a class may lose this much AP
 * @param maxCameraDrop a camera's pictures may lose this much AP
 * @param minBoxes true boxes from which on a class or camera can be judged
 * @param refuseUnjudged whether a class or camera with fewer boxes than that keeps a candidate from
 *     being promoted
 * @param maxLatencyRatio the candidate's time a picture, as a multiple of the live model's
 * @param minImages pictures in the hold-out from which on anything can be promoted
 */
public record GateSettings(
    double minGain,
    double confidence,
    int resamples,
    long seed,
    double maxClassDrop,
    double maxCameraDrop,
    int minBoxes,
    boolean refuseUnjudged,
    double maxLatencyRatio,
    int minImages) {

  public GateSettings {
    // A negative margin would let a model pass that is no better.
    require(minGain >= 0 && minGain < 1, "min-gain", minGain, "0 or more and below 1");
    require(
        confidence >= 0.5 && confidence < 1, "confidence", confidence, "0.5 or more and below 1");
    require(resamples >= 100, "resamples", resamples, "at least 100");
    require(maxClassDrop >= 0 && maxClassDrop <= 1, "max-class-drop", maxClassDrop, "0 to 1");
    require(maxCameraDrop >= 0 && maxCameraDrop <= 1, "max-camera-drop", maxCameraDrop, "0 to 1");
    require(minBoxes >= 1, "min-boxes", minBoxes, "at least 1");
    require(maxLatencyRatio > 0, "max-latency-ratio", maxLatencyRatio, "above 0");
    require(minImages >= 1, "min-images", minImages, "at least 1");
  }

  private static void require(boolean holds, String key, Object value, String rule) {
    if (!holds) {
      throw new IllegalArgumentException("gate." + key + " = " + value + ": must be " + rule);
    }
  }
}
