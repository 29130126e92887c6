package dev.fovea.trainer.settings;

import static dev.fovea.trainer.settings.Block.require;

/** Block {@code decoding}: how predictions become detections. */
public record DecodingSettings(
    double scoreThreshold,
    double servingThreshold,
    double nmsIou,
    int topKPerLevel,
    int maxDetections) {

  /** Reads and renders it. */
  public static final Block<DecodingSettings> BLOCK =
      new Block<>("decoding", DecodingSettings.class);

  public DecodingSettings {
    require(
        scoreThreshold >= 0 && scoreThreshold < 1,
        "decoding.score-threshold",
        scoreThreshold,
        "0 or more and below 1");
    require(
        servingThreshold >= 0 && servingThreshold < 1,
        "decoding.serving-threshold",
        servingThreshold,
        "0 or more and below 1");
    require(nmsIou >= 0 && nmsIou <= 1, "decoding.nms-iou", nmsIou, "0 to 1");
    require(topKPerLevel > 0, "decoding.top-k-per-level", topKPerLevel, "above 0");
    require(maxDetections > 0, "decoding.max-detections", maxDetections, "above 0");
  }
}
