package dev.fovea.trainer.round;

import dev.fovea.trainer.fit.Checkpoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The live model's weights for a network whose classes may be others or in another order. The class
 * subnet's last layer has a filter for each anchor and class: a class that both know keeps its
 * filters, and a new one starts at the prior with weights of zero.
 */
final class StartWeights {
  private static final String LAST_LAYER = "class.last.";

  private StartWeights() {}

  /**
   * A checkpoint to start from: released weights only, without what only resuming needs.
   *
   * @param classes of the network that is to start, in label order
   */
  static Checkpoint of(Checkpoint live, List<String> classes) {
    Map<String, float[]> weights = new LinkedHashMap<>(live.released());
    if (!live.classes().equals(classes)) {
      double prior = live.settings().network().prior();
      weights.replaceAll(
          (name, values) ->
              name.startsWith(LAST_LAYER)
                  ? remap(values, live, classes, name.endsWith("bias") ? logit(prior) : 0)
                  : values);
    }
    return new Checkpoint(
        live.settings(),
        classes,
        live.step(),
        live.data(),
        live.figures(),
        weights,
        weights,
        Optional.empty(),
        Map.of(),
        live.probes());
  }

  /** (A·K, …) to (A·K', …): channel a·K + k is anchor a's class k. */
  private static float[] remap(
      float[] values, Checkpoint live, List<String> classes, float ofNewClass) {
    int anchors = live.settings().anchors().shapes().perLocation();
    int before = live.classes().size();
    int length = values.length / (anchors * before);
    List<float[]> filters = new ArrayList<>();
    for (int anchor = 0; anchor < anchors; anchor++) {
      for (String name : classes) {
        int k = live.classes().indexOf(name);
        float[] filter = new float[length];
        if (k >= 0) {
          System.arraycopy(values, (anchor * before + k) * length, filter, 0, length);
        } else {
          Arrays.fill(filter, ofNewClass);
        }
        filters.add(filter);
      }
    }
    float[] remapped = new float[filters.size() * length];
    for (int i = 0; i < filters.size(); i++) {
      System.arraycopy(filters.get(i), 0, remapped, i * length, length);
    }
    return remapped;
  }

  private static float logit(double probability) {
    return (float) Math.log(probability / (1 - probability));
  }
}
