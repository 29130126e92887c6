package dev.fovea.trainer.settings;

import static dev.fovea.trainer.settings.Block.require;

/** Block {@code augmentation}: how pictures are changed before the network learns from them. */
public record AugmentationSettings(
    double flip,
    double flipVertical,
    double scaleMin,
    double scaleMax,
    double colour,
    double minVisible,
    double mosaic,
    double mosaicUntil) {

  /** Reads and renders it. */
  public static final Block<AugmentationSettings> BLOCK =
      new Block<>("augmentation", AugmentationSettings.class);

  public AugmentationSettings {
    require(flip >= 0 && flip <= 1, "augmentation.flip", flip, "0 to 1");
    require(
        flipVertical >= 0 && flipVertical <= 1,
        "augmentation.flip-vertical",
        flipVertical,
        "0 to 1");
    require(scaleMin > 0, "augmentation.scale-min", scaleMin, "above 0");
    require(
        scaleMax >= scaleMin,
        "augmentation.scale-max",
        scaleMax,
        "at least augmentation.scale-min");
    require(colour >= 0 && colour < 1, "augmentation.colour", colour, "0 or more and below 1");
    require(minVisible >= 0 && minVisible <= 1, "augmentation.min-visible", minVisible, "0 to 1");
    require(mosaic >= 0 && mosaic <= 1, "augmentation.mosaic", mosaic, "0 to 1");
    require(
        mosaicUntil >= 0 && mosaicUntil <= 1, "augmentation.mosaic-until", mosaicUntil, "0 to 1");
  }
}
