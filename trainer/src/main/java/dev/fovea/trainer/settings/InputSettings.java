package dev.fovea.trainer.settings;

import static dev.fovea.trainer.settings.Block.require;

import dev.fovea.detector.model.Fit;
import java.util.List;

/** Block {@code input}: what the network sees. */
public record InputSettings(
    @Key("width") int widthPx,
    @Key("height") int heightPx,
    Fit fit,
    List<Double> mean,
    List<Double> scale,
    List<Double> multiScale) {

  /** Reads and renders it. */
  public static final Block<InputSettings> BLOCK = new Block<>("input", InputSettings.class);

  public InputSettings {
    require(widthPx > 0 && widthPx % 32 == 0, "input.width", widthPx, "a positive multiple of 32");
    require(
        heightPx > 0 && heightPx % 32 == 0, "input.height", heightPx, "a positive multiple of 32");
    require(mean.size() == 3, "input.mean", mean, "three numbers: red, green, blue");
    require(
        scale.size() == 3 && scale.stream().allMatch(s -> s > 0),
        "input.scale",
        scale,
        "three numbers above 0: red, green, blue");
    require(
        !multiScale.isEmpty() && multiScale.stream().allMatch(f -> f >= 0.1 && f <= 4),
        "input.multi-scale",
        multiScale,
        "factors from 0.1 to 4, at least one");
    multiScale = List.copyOf(multiScale);
    mean = List.copyOf(mean);
    scale = List.copyOf(scale);
  }

  /**
   * The same for pictures of another size.
   *
   * @throws IllegalArgumentException naming the side and the rule broken
   */
  public InputSettings withSize(int newWidthPx, int newHeightPx) {
    return new InputSettings(newWidthPx, newHeightPx, fit, mean, scale, multiScale);
  }

  /** The sizes that training takes turns with, one for each factor. */
  public List<InputSize> sizes() {
    return multiScale.stream()
        .map(f -> InputSize.near(widthPx * f, heightPx * f))
        .distinct()
        .toList();
  }
}
