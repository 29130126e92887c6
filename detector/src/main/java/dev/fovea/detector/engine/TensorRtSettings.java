package dev.fovea.detector.engine;

import java.nio.file.Path;

/**
 * How TensorRT runs a model.
 *
 * @param fp16 whether layers may run in half precision
 * @param plans where {@code fovea engine build} keeps plans; a model without one there is built at
 *     each load
 */
public record TensorRtSettings(boolean fp16, Path plans) {
  /** Single precision, and the usual folder of plans. */
  public static TensorRtSettings usual() {
    return new TensorRtSettings(false, PlanCache.usualFolder());
  }
}
