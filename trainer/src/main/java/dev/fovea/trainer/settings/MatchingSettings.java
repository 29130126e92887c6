package dev.fovea.trainer.settings;

import static dev.fovea.trainer.settings.Block.require;

/** Block {@code matching}: which anchors are to find which box. */
public record MatchingSettings(
    MatchBy by, double foregroundIou, double backgroundIou, boolean lowQuality, int nearest) {

  /** Reads and renders it. */
  public static final Block<MatchingSettings> BLOCK =
      new Block<>("matching", MatchingSettings.class);

  /** What decides which anchor is to find which box. */
  public enum MatchBy {
    IOU,
    ATSS
  }

  public MatchingSettings {
    require(nearest > 0, "matching.nearest", nearest, "above 0");
    require(
        foregroundIou > 0 && foregroundIou <= 1,
        "matching.foreground-iou",
        foregroundIou,
        "above 0 and at most 1");
    require(
        backgroundIou >= 0 && backgroundIou <= foregroundIou,
        "matching.background-iou",
        backgroundIou,
        "0 to matching.foreground-iou");
  }
}
