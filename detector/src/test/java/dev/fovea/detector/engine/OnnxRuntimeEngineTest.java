package dev.fovea.detector.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.model.ReleaseFolder;
import dev.fovea.detector.model.TinyModel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class OnnxRuntimeEngineTest extends InferenceEngineContract {
  @Override
  InferenceEngine load(ReleaseFolder release, int maxBatch) throws ModelLoadException {
    return OnnxRuntimeEngine.load(release, EngineSettings.cpu(1, maxBatch));
  }

  @Test
  void saysThatItRunsOnTheCpu() throws ModelLoadException {
    try (InferenceEngine engine = load(ReleaseFolder.open(folder), 1)) {
      assertThat(engine.name()).isEqualTo("onnxruntime:cpu");
    }
  }

  @Test
  void aGraphThatIsNoGraphIsRefusedWithTheReleasesName() throws ModelLoadException {
    ModelProto.Builder model = new TinyModel(1).onnx();
    model.getGraphBuilder().getNodeBuilder(3).setOpType("Frobnicate");
    Path other = TinyModel.write(folder.resolve("other"), model);
    ReleaseFolder release = ReleaseFolder.open(other);

    assertThatThrownBy(() -> load(release, 1))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageStartingWith("release " + other + ": model.onnx is refused by ONNX Runtime: ")
        .hasMessageContaining("Frobnicate");
  }
}
