package dev.fovea.detector.model;

/**
 * Which candidates become detections.
 *
 * @param scoreThreshold only scores above it count, 0 to 1 (exclusive)
 * @param nmsIou overlap above which the weaker of two boxes of a class goes, 0 to 1
 * @param topKPerLevel best candidates kept of each pyramid level
 * @param maxDetections best detections kept of each frame
 */
public record DecodingSettings(
    float scoreThreshold, float nmsIou, int topKPerLevel, int maxDetections) {

  public DecodingSettings {
    if (!(scoreThreshold >= 0 && scoreThreshold < 1)) {
      throw new IllegalArgumentException(
          "scoreThreshold must be 0 to below 1, not " + scoreThreshold);
    }
    if (!(nmsIou >= 0 && nmsIou <= 1)) {
      throw new IllegalArgumentException("nmsIou must be 0 to 1, not " + nmsIou);
    }
    if (topKPerLevel <= 0) {
      throw new IllegalArgumentException("topKPerLevel must be above 0, not " + topKPerLevel);
    }
    if (maxDetections <= 0) {
      throw new IllegalArgumentException("maxDetections must be above 0, not " + maxDetections);
    }
  }

  /** The same with another score threshold. */
  public DecodingSettings withScoreThreshold(float threshold) {
    return new DecodingSettings(threshold, nmsIou, topKPerLevel, maxDetections);
  }
}
