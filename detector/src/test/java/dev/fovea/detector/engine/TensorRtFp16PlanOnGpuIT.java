package dev.fovea.detector.engine;

import org.junit.jupiter.api.Tag;

@Tag("gpu")
class TensorRtFp16PlanOnGpuIT extends TensorRtPlanContract {
  @Override
  boolean fp16() {
    return true;
  }

  /** Halves keep 10 bits of every value, sums included. */
  @Override
  float tolerance() {
    return 5e-2f;
  }
}
