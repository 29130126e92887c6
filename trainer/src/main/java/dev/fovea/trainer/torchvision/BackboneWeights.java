package dev.fovea.trainer.torchvision;

import dev.fovea.trainer.TrainSettings;
import dev.fovea.trainer.model.NetworkGraph.ParameterSpec;
import dev.fovea.trainer.model.Operator;
import dev.fovea.trainer.model.RetinaNet;
import dev.fovea.trainer.weights.StateDict;
import dev.fovea.trainer.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The residual network that a training starts from: torchvision's or timm's ResNet-18, -34, -50 or
 * -101, or the one within a detector that torchvision trained.
 */
public final class BackboneWeights {
  private static final String BODY = "backbone.body.";
  private static final Map<List<Integer>, Integer> BASIC =
      Map.of(List.of(2, 2, 2, 2), 18, List.of(3, 4, 6, 3), 34);
  private static final Map<List<Integer>, Integer> BOTTLENECK =
      Map.of(List.of(3, 4, 6, 3), 50, List.of(3, 4, 23, 3), 101);

  private BackboneWeights() {}

  /**
   * Reads them.
   *
   * @param settings of the run; its network must have the file's depth, and width factor 1
   * @return values by the names of the trainer's parameters
   * @throws WeightsException naming the file, and the key or the setting that does not fit
   */
  public static Map<String, float[]> read(Path file, TrainSettings settings) throws IOException {
    WeightsFile.checkedSum(file, Optional.empty());
    try (StateDict weights = StateDict.open(file)) {
      boolean inDetector = weights.keys().stream().anyMatch(key -> key.startsWith(BODY));
      String prefix = inDetector ? BODY : "";
      requireFitting(weights, prefix, settings);
      List<ParameterSpec> parameters = new ArrayList<>();
      // The number of classes has no part in the residual network.
      for (ParameterSpec each : RetinaNet.graph(settings, 1).parameters().values()) {
        if (each.name().startsWith("stem") || each.name().startsWith("stage")) {
          parameters.add(each);
        }
      }
      ParameterReader reader =
          new ParameterReader(weights, name -> List.of(prefix + Keys.ofResNet(name)));
      Map<String, float[]> values = new HashMap<>(reader.read(parameters));
      reader.requireAllTaken(
          key -> inDetector ? !key.startsWith(BODY) : key.matches("fc\\.(weight|bias)"));
      reader.adaptEpsilon(values, Operator.BatchNorm.EPSILON);
      return values;
    }
  }

  private static void requireFitting(StateDict weights, String prefix, TrainSettings settings)
      throws WeightsException {
    var network = settings.network();
    if (network.widthFactor() != 1) {
      throw weights.refused(
          "is of full width, and network.width-factor is %s: set it to 1"
              .formatted(network.widthFactor()));
    }
    int depth = depth(weights, prefix);
    if (depth != network.depth()) {
      throw weights.refused(
          "is a ResNet-%d, and network.depth is %d: set it to %d"
              .formatted(depth, network.depth(), depth));
    }
  }

  private static int depth(StateDict weights, String prefix) throws WeightsException {
    List<Integer> blocks = new ArrayList<>();
    for (int stage = 1; stage <= 4; stage++) {
      int count = 0;
      while (weights.keys().contains(prefix + "layer%d.%d.conv1.weight".formatted(stage, count))) {
        count++;
      }
      blocks.add(count);
    }
    boolean bottleneck = weights.keys().contains(prefix + "layer1.0.conv3.weight");
    Integer depth = (bottleneck ? BOTTLENECK : BASIC).get(blocks);
    if (depth == null) {
      throw weights.refused(
          "is no ResNet-18, -34, -50 or -101: its layers have %s %sblocks"
              .formatted(blocks, bottleneck ? "bottleneck " : ""));
    }
    return depth;
  }
}
