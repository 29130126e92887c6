package dev.fovea.detector.engine;

import dev.fovea.detector.model.ImageBatch;
import dev.fovea.detector.model.RawPredictions;

/** One loaded graph on one device. An instance is used by one thread at a time. */
public interface InferenceEngine extends AutoCloseable {
  /**
   * Runs the first {@link ImageBatch#size()} frames of a batch.
   *
   * @return the outputs, valid until the next call or close
   * @throws IllegalArgumentException if the batch is empty, larger than {@link #maxBatch()} or of
   *     another input size
   * @throws InferenceException if the engine fails; the next call may work
   */
  RawPredictions infer(ImageBatch batch);

  /** Engine and device, such as {@code onnxruntime:cpu}. */
  String name();

  /** Most frames of one call. */
  int maxBatch();

  @Override
  void close();
}
