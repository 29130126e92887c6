package dev.fovea.detector.model;

import dev.fovea.detector.geometry.AnchorGenerator;
import dev.fovea.detector.geometry.AnchorShapes;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A release's {@code manifest.json}: all that is needed to run the graph beside it and to read its
 * outputs. Input value = (rgb / 255 − mean) / scale.
 *
 * @param name model name, {@code [A-Za-z0-9._-]{1,64}}
 * @param version version, same rule
 * @param inputWidthPx width of the graph's input
 * @param inputHeightPx height of the graph's input
 * @param fit how a frame is brought to that size
 * @param mean per channel R, G, B, on a scale of 0 to 1
 * @param scale per channel R, G, B, above 0
 * @param classes names in the order of the outputs
 * @param anchors shapes of the anchors
 * @param scoreThreshold serving threshold, see {@link DecodingSettings}
 * @param nmsIou see {@link DecodingSettings}
 * @param topKPerLevel see {@link DecodingSettings}
 * @param maxDetections see {@link DecodingSettings}
 * @param sha256 of {@code model.onnx}, lower-case hexadecimal
 * @param metrics figures on the hold-out, such as AP50, 0 to 1
 * @param provenance how it was made: free-form
 */
public record ModelManifest(
    String name,
    String version,
    int inputWidthPx,
    int inputHeightPx,
    Fit fit,
    List<Float> mean,
    List<Float> scale,
    List<String> classes,
    AnchorShapes anchors,
    float scoreThreshold,
    float nmsIou,
    int topKPerLevel,
    int maxDetections,
    String sha256,
    Map<String, Double> metrics,
    Map<String, String> provenance) {

  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");
  private static final int MAX_INPUT_SIDE_PX = 8192;

  public ModelManifest {
    require(IDENTIFIER.matcher(name).matches(), "name", name, "must match " + IDENTIFIER);
    require(IDENTIFIER.matcher(version).matches(), "version", version, "must match " + IDENTIFIER);
    requireSide("inputWidthPx", inputWidthPx);
    requireSide("inputHeightPx", inputHeightPx);
    mean = threeFinite("mean", mean);
    scale = threeFinite("scale", scale);
    for (float s : scale) {
      require(s > 0, "scale", scale, "must be above 0");
    }
    require(!classes.isEmpty(), "classes", classes, "must not be empty");
    for (String label : classes) {
      require(!label.isBlank(), "classes", classes, "must not have blank names");
    }
    require(new HashSet<>(classes).size() == classes.size(), "classes", classes, "must all differ");
    classes = List.copyOf(classes);
    require(SHA_256.matcher(sha256).matches(), "sha256", sha256, "must match " + SHA_256);
    metrics = Map.copyOf(metrics);
    provenance = Map.copyOf(provenance);
    // Validates the four values, naming the field.
    new DecodingSettings(scoreThreshold, nmsIou, topKPerLevel, maxDetections);
  }

  /** The thresholds this model is served with. */
  public DecodingSettings decoding() {
    return new DecodingSettings(scoreThreshold, nmsIou, topKPerLevel, maxDetections);
  }

  /** The anchors over this model's input. */
  public AnchorGenerator anchorGenerator() {
    return AnchorGenerator.of(anchors, inputWidthPx, inputHeightPx);
  }

  private static void requireSide(String field, int side) {
    require(
        side > 0 && side <= MAX_INPUT_SIDE_PX, field, side, "must be 1 to " + MAX_INPUT_SIDE_PX);
  }

  private static List<Float> threeFinite(String field, List<Float> values) {
    require(values.size() == 3, field, values, "must have 3 values");
    for (float value : values) {
      require(Float.isFinite(value), field, values, "must be finite");
    }
    return List.copyOf(values);
  }

  private static void require(boolean holds, String field, Object value, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(field + " " + rule + ", not " + value);
    }
  }
}
