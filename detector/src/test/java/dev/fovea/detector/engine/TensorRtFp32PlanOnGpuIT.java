package dev.fovea.detector.engine;

import org.junit.jupiter.api.Tag;

@Tag("gpu")
class TensorRtFp32PlanOnGpuIT extends TensorRtPlanContract {
  @Override
  boolean fp16() {
    return false;
  }

  /** TF32 keeps 10 bits of a product's factors. */
  @Override
  float tolerance() {
    return 2e-2f;
  }
}
