package dev.fovea.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import dev.fovea.trainer.TinyRun;
import dev.fovea.trainer.model.GraphBlock;
import dev.fovea.trainer.model.NetworkGraph;
import dev.fovea.trainer.model.RetinaNet;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightAverageTest {

  /** Early steps keep (1 + step) / (10 + step), later ones the decay. */
  @ParameterizedTest
  @CsvSource({"0, 0.1", "4, 0.35714287", "1000, 0.9"})
  void everyValueMovesItsPartOfTheWay(int step, float keep) {
    TinyRun.quietEngine();
    NetworkGraph graph = RetinaNet.graph(TinyRun.settings(Map.of()), 2);
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      GraphBlock from = GraphBlock.drawn(graph, manager, 1, 0.01, Map.of());
      GraphBlock average = GraphBlock.drawn(graph, manager, 2, 0.01, Map.of());
      Map<String, float[]> weights = from.values();
      Map<String, float[]> before = average.values();

      new WeightAverage(from, average, 0.9).update(step);

      assertThat(before.values()).anyMatch(values -> values.length > TensorMemory.STRETCH);
      average
          .values()
          .forEach(
              (name, after) -> {
                float[] expected = new float[after.length];
                for (int i = 0; i < expected.length; i++) {
                  expected[i] =
                      keep * before.getOrDefault(name, after)[i]
                          + (1 - keep) * weights.getOrDefault(name, after)[i];
                }
                assertThat(after).as(name).containsExactly(expected, within(1e-5f));
              });
      assertThat(from.values().get("stem.weight")).isEqualTo(weights.get("stem.weight"));
    }
  }
}
