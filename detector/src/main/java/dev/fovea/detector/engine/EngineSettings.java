package dev.fovea.detector.engine;

import dev.fovea.detector.model.PictureLimits;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a model is run.
 *
 * @param engine the runtime
 * @param threads threads of one run on the CPU; TensorRT ignores it
 * @param maxBatch most frames of one run
 * @param fp16 half precision, where the engine has it (TensorRT)
 * @param pictureLimits what a picture may demand
 * @param tensorRtPlan a plan that was built from the release's {@code model.onnx}, for {@code
 *     maxBatch} and for this GPU, driver and TensorRT; where null, TensorRT builds one at each load
 */
public record EngineSettings(
    EngineKind engine,
    int threads,
    int maxBatch,
    boolean fp16,
    PictureLimits pictureLimits,
    @Nullable Path tensorRtPlan) {

  public EngineSettings {
    if (threads < 1 || threads > 1024) {
      throw new IllegalArgumentException("threads must be 1 to 1024, not " + threads);
    }
    if (maxBatch < 1 || maxBatch > 256) {
      throw new IllegalArgumentException("maxBatch must be 1 to 256, not " + maxBatch);
    }
  }

  /** Without a prebuilt plan. */
  public EngineSettings(
      EngineKind engine, int threads, int maxBatch, boolean fp16, PictureLimits pictureLimits) {
    this(engine, threads, maxBatch, fp16, pictureLimits, null);
  }

  /** ONNX Runtime on the CPU. */
  public static EngineSettings cpu(int threads, int maxBatch) {
    return new EngineSettings(
        EngineKind.ONNXRUNTIME, threads, maxBatch, false, PictureLimits.DEFAULT);
  }
}
