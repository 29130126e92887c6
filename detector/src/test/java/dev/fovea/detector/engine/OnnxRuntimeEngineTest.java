package dev.fovea.detector.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.fovea.detector.model.ImageBatch;
import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.model.RawPredictions;
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
  void aGraphThatFixesTheBatchInsideIsRunImageByImage() throws ModelLoadException {
    TinyModel tiny = new TinyModel(SEED);
    ReleaseFolder release =
        ReleaseFolder.open(TinyModel.write(folder.resolve("fixed"), tiny.onnxWithReshape()));
    assertThat(release.graph().canHaveAnyBatch()).isFalse();
    ImageBatch batch = new ImageBatch(3, TinyModel.WIDTH_PX, TinyModel.HEIGHT_PX);
    for (int i = 0; i < batch.data().limit(); i++) {
      batch.data().put(i, i % 97 / 97f);
    }
    batch.setSize(3);

    try (InferenceEngine engine = load(release, 3)) {
      RawPredictions raw = engine.infer(batch);

      for (int image = 0; image < 3; image++) {
        float[] expected = tiny.expected(0, batch.slot(image));
        float[] found = new float[expected.length];
        raw.levels().get(0).logits().get(image * expected.length, found);
        assertThat(found).containsExactly(expected, within(1e-5f));
      }
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
