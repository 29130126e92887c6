package dev.fovea.trainer.torchvision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import com.fasterxml.jackson.databind.JsonNode;
import dev.fovea.trainer.Golden;
import dev.fovea.trainer.TinyRun;
import dev.fovea.trainer.TrainSettings;
import dev.fovea.trainer.data.Normaliser;
import dev.fovea.trainer.model.GraphBlock;
import dev.fovea.trainer.model.NetworkGraph;
import dev.fovea.trainer.model.ResidualNetworks;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The trainer's residual networks at full width are torchvision's. */
class BackboneWeightsTest {
  private static final JsonNode GOLDEN = Golden.read("torchvision-import.json");

  @TempDir Path folder;

  @BeforeAll
  static void engine() {
    TinyRun.quietEngine();
  }

  private static TrainSettings settings(int depth, double width) {
    return TrainSettings.with(
        Map.of(
            "network.depth", String.valueOf(depth),
            "network.width-factor", String.valueOf(width),
            "input.width", GOLDEN.get("width").asText(),
            "input.height", GOLDEN.get("height").asText()));
  }

  private Path weights(int depth, String prefix) throws Exception {
    JsonNode golden = GOLDEN.get("cases").get("resnet" + depth);
    Path file = folder.resolve("resnet" + depth + ".safetensors");
    Map<String, List<Integer>> shapes = FormulaWeights.shapes(golden.get("state"));
    if (!prefix.isEmpty()) {
      shapes.keySet().removeIf(key -> key.startsWith("fc."));
    }
    FormulaWeights.write(file, shapes, golden.get("scales"), key -> prefix + key);
    return file;
  }

  @ParameterizedTest
  @ValueSource(ints = {18, 50})
  void featuresAreTorchvisions(int depth) throws Exception {
    JsonNode golden = GOLDEN.get("cases").get("resnet" + depth);
    TrainSettings settings = settings(depth, 1);
    int width = settings.input().widthPx();
    int height = settings.input().heightPx();
    NetworkGraph graph = ResidualNetworks.graph(width, height, depth);
    Map<String, float[]> values = BackboneWeights.read(weights(depth, ""), settings);
    assertThat(values.keySet()).isEqualTo(graph.parameters().keySet());

    float[] image = new float[3 * width * height];
    new Normaliser(settings.input()).write(FormulaWeights.picture(width, height), image, 0);
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      GraphBlock block = new GraphBlock(graph, manager, values);
      NDArray x = manager.create(image, new Shape(1, 3, height, width));
      NDList features = block.forward(new ParameterStore(manager, false), new NDList(x), false);
      for (int stage = 0; stage < 3; stage++) {
        float[] found = features.get(stage).toFloatArray();
        JsonNode wanted = golden.get("c" + (stage + 3));
        assertThat(found).hasSize(wanted.get("count").asInt());
        for (JsonNode sample : wanted.get("values")) {
          double value = sample.get(1).asDouble();
          assertThat((double) found[sample.get(0).asInt()])
              .isCloseTo(value, within(1e-4 * (1 + Math.abs(value))));
        }
      }
    }
  }

  @Test
  void aDetectorsBackboneWillDo() throws Exception {
    TrainSettings settings = settings(18, 1);

    assertThat(BackboneWeights.read(weights(18, "backbone.body."), settings))
        .hasSameSizeAs(BackboneWeights.read(weights(18, ""), settings));
  }

  @Test
  void whatDoesNotFitTheSettingsIsSaidWithTheSetting() throws Exception {
    Path file = weights(18, "");
    assertThatThrownBy(() -> BackboneWeights.read(file, settings(18, 0.47)))
        .hasMessage(file + ": is of full width, and network.width-factor is 0.47: set it to 1");
    assertThatThrownBy(() -> BackboneWeights.read(file, settings(34, 1)))
        .hasMessage(file + ": is a ResNet-18, and network.depth is 34: set it to 18");
    Path other = weights(18, "visual.");
    assertThatThrownBy(() -> BackboneWeights.read(other, settings(18, 1)))
        .hasMessageContaining("is no ResNet-18, -34, -50 or -101")
        .hasMessageContaining(List.of(0, 0, 0, 0).toString());
  }
}
