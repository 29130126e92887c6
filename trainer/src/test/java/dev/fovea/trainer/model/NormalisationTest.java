package dev.fovea.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import com.fasterxml.jackson.databind.JsonNode;
import dev.fovea.trainer.Golden;
import dev.fovea.trainer.TinyRun;
import dev.fovea.trainer.model.NetworkGraph.Start;
import dev.fovea.trainer.model.NetworkGraph.Value;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A convolution and a norm, forward and backward, beside PyTorch's. */
class NormalisationTest {
  @BeforeAll
  static void engine() {
    TinyRun.quietEngine();
  }

  @Test
  void groupNormIsPyTorchs() {
    NetworkGraph.Builder graph = new NetworkGraph.Builder(6, 4);
    graph.output("y", graph.groupNorm("norm", convolution(graph)));
    assertLike("group_norm", graph.build(), Map.of());
  }

  @Test
  void batchNormIsPyTorchsAndMovesItsStatistics() {
    NetworkGraph.Builder graph = new NetworkGraph.Builder(6, 4);
    graph.output("y", graph.batchNorm("norm", convolution(graph)));
    assertLike(
        "batch_norm",
        graph.build(),
        Map.of("norm.mean", new float[8], "norm.variance", wave(8, 0, 0, 1)));
  }

  @Test
  void frozenBatchNormUsesAndKeepsItsStatisticsInTraining() {
    NetworkGraph.Builder graph = new NetworkGraph.Builder(6, 4);
    Value convolved = convolution(graph);
    graph.freeze(false, true);
    graph.output("y", graph.batchNorm("norm", convolved));
    assertLike(
        "frozen_batch_norm",
        graph.build(),
        Map.of("norm.mean", wave(8, 0.2, 1, 0), "norm.variance", wave(8, 0.4, 1, 1.5)));
  }

  private static Value convolution(NetworkGraph.Builder graph) {
    return graph.convolution("convolution", graph.input(), 8, 1, 1, Start.SMALL);
  }

  private static void assertLike(String name, NetworkGraph graph, Map<String, float[]> statistics) {
    JsonNode golden = Golden.read("pytorch-training.json").get(name);
    Map<String, float[]> values = new HashMap<>(statistics);
    values.put("convolution.weight", wave(24, 0.53, 1, 0));
    values.put("norm.gamma", wave(8, 0.9, 0.5, 1));
    values.put("norm.beta", wave(8, 1.3, 0.5, 0));
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      GraphBlock block = new GraphBlock(graph, manager, values);
      graph.parameters().values().stream()
          .filter(NetworkGraph.ParameterSpec::learned)
          .forEach(spec -> block.array(spec.name()).setRequiresGradient(true));
      NDArray pictures = manager.create(wave(144, 0.37, 1, 0), new Shape(2, 3, 4, 6));
      float[] output;
      try (GradientCollector gradients = Engine.getEngine("PyTorch").newGradientCollector()) {
        NDArray y =
            block
                .forward(new ParameterStore(manager, false), new NDList(pictures), true)
                .singletonOrThrow();
        output = y.toFloatArray();
        NDArray weights = manager.create(wave(output.length, 0.11, 1, 0), y.getShape());
        gradients.backward(y.mul(weights).sum());
      }
      assertClose(output, golden.get("output"));
      assertClose(gradient(block, "convolution.weight"), golden.get("convolution_gradient"));
      assertClose(gradient(block, "norm.gamma"), golden.get("gamma_gradient"));
      assertClose(gradient(block, "norm.beta"), golden.get("beta_gradient"));
      if (golden.has("mean")) {
        assertClose(block.array("norm.mean").toFloatArray(), golden.get("mean"));
        assertClose(block.array("norm.variance").toFloatArray(), golden.get("variance"));
      }
    }
  }

  private static float[] gradient(GraphBlock block, String name) {
    return block.array(name).getGradient().toFloatArray();
  }

  private static void assertClose(float[] actual, JsonNode expected) {
    assertThat(actual).containsExactly(Golden.floats(expected), within(2e-4f));
  }

  /** As in the script that made the numbers. */
  private static float[] wave(int count, double step, double scale, double shift) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (scale * Math.sin(i * step + 0.3) + shift);
    }
    return values;
  }
}
