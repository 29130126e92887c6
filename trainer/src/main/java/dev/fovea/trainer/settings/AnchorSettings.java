package dev.fovea.trainer.settings;

import dev.fovea.detector.geometry.AnchorShapes;
import java.util.List;

/**
 * Block {@code anchors}: the shapes at a location, one for each ratio and octave scale.
 *
 * @param torchvisionRounding see {@link AnchorShapes#round}
 */
public record AnchorSettings(
    double scale, List<Double> ratios, List<Double> octaveScales, boolean torchvisionRounding) {

  /** Reads and renders it. */
  public static final Block<AnchorSettings> BLOCK = new Block<>("anchors", AnchorSettings.class);

  public AnchorSettings {
    shapes(scale, ratios, octaveScales, torchvisionRounding); // checks them
  }

  /** As the detector has them. */
  public AnchorShapes shapes() {
    return shapes(scale, ratios, octaveScales, torchvisionRounding);
  }

  private static AnchorShapes shapes(
      double scale, List<Double> ratios, List<Double> octaveScales, boolean torchvisionRounding) {
    return new AnchorShapes(scale, ratios, octaveScales, torchvisionRounding);
  }
}
