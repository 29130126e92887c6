package dev.fovea.trainer.round;

import com.typesafe.config.ConfigFactory;
import dev.fovea.detector.model.ReleaseFolder;
import dev.fovea.trainer.TrainSettings;
import dev.fovea.trainer.export.NoWeightsException;
import dev.fovea.trainer.export.ReleaseWeights;
import dev.fovea.trainer.fit.Checkpoint;
import dev.fovea.trainer.fit.StartWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the live model has learned, for a network whose classes may be others or in another order.
 *
 * @param settings it was trained with
 * @param classes it knows, in label order
 */
record LiveWeights(TrainSettings settings, List<String> classes, StartWeights start) {
  private static final String LAST_LAYER = "class.last.";

  /**
   * Out of the release's checkpoint, or out of its model where it has none.
   *
   * @throws NoWeightsException in one sentence, if neither can be gone on from
   * @throws IOException if they cannot be read
   */
  static LiveWeights of(ReleaseFolder release) throws IOException {
    Path checkpoint = release.folder().resolve(Checkpoint.FILE_NAME);
    if (Files.isRegularFile(checkpoint)) {
      Checkpoint live = Checkpoint.read(checkpoint);
      return new LiveWeights(live.settings(), live.classes(), StartWeights.of(live.released()));
    }
    return new LiveWeights(
        settings(release),
        release.manifest().classes(),
        new StartWeights(ReleaseWeights.read(release.folder()), true));
  }

  private static TrainSettings settings(ReleaseFolder release) throws NoWeightsException {
    String rendered = release.manifest().provenance().get("settings");
    if (rendered == null) {
      throw new NoWeightsException(
          "release " + release.folder() + " does not say what settings it was trained with");
    }
    try {
      return TrainSettings.from(ConfigFactory.parseString(rendered));
    } catch (IllegalArgumentException e) {
      throw new NoWeightsException(
          "release " + release.folder() + " was trained with other settings: " + e.getMessage(), e);
    }
  }

  /**
   * The weights to start from. The class subnet's last layer has a filter for each anchor and
   * class: a class that both know keeps its filters, and a new one starts at the prior with weights
   * of zero.
   *
   * @param wanted classes of the network that is to start, in label order
   */
  StartWeights forClasses(List<String> wanted) {
    if (classes.equals(wanted)) {
      return start;
    }
    Map<String, float[]> weights = new LinkedHashMap<>(start.values());
    weights.replaceAll(
        (name, values) ->
            name.startsWith(LAST_LAYER)
                ? remap(
                    values, wanted, name.endsWith("bias") ? logit(settings.network().prior()) : 0)
                : values);
    return new StartWeights(weights, start.folded());
  }

  /** (A·K, …) to (A·K', …): channel a·K + k is anchor a's class k. */
  private float[] remap(float[] values, List<String> wanted, float ofNewClass) {
    int anchors = settings.anchors().shapes().perLocation();
    int length = values.length / (anchors * classes.size());
    List<float[]> filters = new ArrayList<>();
    for (int anchor = 0; anchor < anchors; anchor++) {
      for (String name : wanted) {
        int k = classes.indexOf(name);
        float[] filter = new float[length];
        if (k >= 0) {
          System.arraycopy(values, (anchor * classes.size() + k) * length, filter, 0, length);
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
