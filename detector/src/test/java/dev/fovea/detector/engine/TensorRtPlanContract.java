package dev.fovea.detector.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.model.PictureLimits;
import dev.fovea.detector.model.ReleaseFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TensorRT itself, by a plan of ours; a subclass for each precision. */
abstract class TensorRtPlanContract extends InferenceEngineContract {
  @TempDir static Path plans;

  @BeforeAll
  static void requireGpu() {
    OnGpu.require();
  }

  /** Whether plans are of half precision. */
  abstract boolean fp16();

  /** Builds the plan where it is not there yet, then has the engine find it. */
  @Override
  InferenceEngine load(ReleaseFolder release, int maxBatch) throws ModelLoadException {
    PlanBuilder builder = OnGpu.builder(new PlanCache(plans));
    try {
      builder.build(release, fp16(), maxBatch, step -> {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    EngineSettings settings =
        new EngineSettings(
            EngineKind.TENSORRT,
            1,
            maxBatch,
            PictureLimits.DEFAULT,
            new TensorRtSettings(fp16(), plans));
    assertThat(TensorRtEngine.plan(builder.gpu(), release, settings)).isNotNull();
    return TensorRtEngine.load(release, settings);
  }

  @Test
  void aPlanIsBuiltOnceAndThenThere() throws Exception {
    ReleaseFolder release = ReleaseFolder.open(folder);
    PlanBuilder builder = OnGpu.builder(new PlanCache(plans.resolve("of-its-own")));

    PlanBuilder.Plan first = builder.build(release, fp16(), 2, step -> {});
    PlanBuilder.Plan second = builder.build(release, fp16(), 2, step -> {});

    assertThat(first.isNew()).isTrue();
    assertThat(second).isEqualTo(new PlanBuilder.Plan(first.file(), false));
  }
}
