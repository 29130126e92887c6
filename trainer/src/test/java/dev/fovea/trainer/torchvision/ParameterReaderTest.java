package dev.fovea.trainer.torchvision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.trainer.weights.SafetensorsWriter;
import dev.fovea.trainer.weights.StateDict;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParameterReaderTest {
  @TempDir Path folder;

  private StateDict weights(String... keys) throws Exception {
    Path file = folder.resolve("w.safetensors");
    try (SafetensorsWriter writer = new SafetensorsWriter(file)) {
      for (String key : keys) {
        writer.add(key, List.of(2), 1e-3f, 2);
      }
    }
    return StateDict.open(file);
  }

  @Test
  void whatIsLeftIsNamedButCounters() throws Exception {
    try (StateDict weights = weights("bn1.bias", "bn1.num_batches_tracked", "roi_head", "x.y")) {
      ParameterReader reader =
          new ParameterReader(weights, name -> List.of("other", Keys.ofResNet(name)));
      assertThat(reader.read("stem.norm.beta", List.of(2))).containsExactly(1e-3f, 2);

      assertThatThrownBy(() -> reader.requireAllTaken(key -> false))
          .hasMessageEndingWith("has roi_head, x.y, which this network has no place for");
      assertThatCode(() -> reader.requireAllTaken(key -> key.matches("roi_head|x.y")))
          .doesNotThrowAnyException();
    }
  }

  @Test
  void anotherEpsilonIsAnotherScale() throws Exception {
    try (StateDict weights = weights("bn1.running_var")) {
      ParameterReader reader = new ParameterReader(weights, name -> List.of(Keys.ofResNet(name)));
      Map<String, float[]> values = new HashMap<>();
      values.put("stem.norm.variance", reader.read("stem.norm.variance", List.of(2)));
      values.put("stem.norm.gamma", new float[] {3, -1});

      reader.adaptEpsilon(values, 0);

      // 3 · √((1e-3 + 1e-5) / 1e-3) and −√((2 + 1e-5) / 2).
      assertThat(values.get("stem.norm.gamma")).containsExactly(3.0149627f, -1.0000025f);
      values.put("stem.norm.variance", new float[] {1, 0});
      assertThatThrownBy(() -> reader.adaptEpsilon(values, 0))
          .hasMessageEndingWith("bn1.running_var holds the variance 0.0 as value 1");
      values.put("stem.norm.variance", new float[] {-0.1f, 1});
      assertThatThrownBy(() -> reader.adaptEpsilon(values, 1e-5))
          .hasMessageEndingWith("bn1.running_var holds the variance -0.1 as value 0");
    }
  }
}
