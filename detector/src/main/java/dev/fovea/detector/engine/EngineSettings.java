package dev.fovea.detector.engine;

import dev.fovea.detector.model.PictureLimits;

/**
 * How a model is run.
 *
 * @param engine the runtime
 * @param threads threads of one run on the CPU; TensorRT ignores it
 * @param maxBatch most frames of one run
 * @param pictureLimits what a picture may demand
 * @param tensorRt what TensorRT alone needs to know
 */
public record EngineSettings(
    EngineKind engine,
    int threads,
    int maxBatch,
    PictureLimits pictureLimits,
    TensorRtSettings tensorRt) {

  public EngineSettings {
    if (threads < 1 || threads > 1024) {
      throw new IllegalArgumentException("threads must be 1 to 1024, not " + threads);
    }
    if (maxBatch < 1 || maxBatch > 256) {
      throw new IllegalArgumentException("maxBatch must be 1 to 256, not " + maxBatch);
    }
  }

  /** ONNX Runtime on the CPU. */
  public static EngineSettings cpu(int threads, int maxBatch) {
    return new EngineSettings(
        EngineKind.ONNXRUNTIME, threads, maxBatch, PictureLimits.DEFAULT, TensorRtSettings.usual());
  }
}
