package dev.fovea.detector.engine;

import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.model.PictureLimits;
import dev.fovea.detector.model.ReleaseFolder;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** TensorRT itself, by the plan that DJL's engine builds from the graph. */
@Tag("gpu")
class TensorRtGraphOnGpuIT extends InferenceEngineContract {
  @TempDir static Path noPlans;

  @BeforeAll
  static void requireGpu() {
    OnGpu.require();
  }

  @Override
  InferenceEngine load(ReleaseFolder release, int maxBatch) throws ModelLoadException {
    return TensorRtEngine.load(
        release,
        new EngineSettings(
            EngineKind.TENSORRT,
            1,
            maxBatch,
            PictureLimits.DEFAULT,
            new TensorRtSettings(false, noPlans)));
  }

  /** TF32 keeps 10 bits of a product's factors. */
  @Override
  float tolerance() {
    return 2e-2f;
  }
}
