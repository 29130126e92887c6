package dev.fovea.trainer.fit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.nio.FloatBuffer;

/**
 * A tensor's own memory, read and written a stretch at a time. A pass over several tensors that
 * does all its arithmetic on a stretch before it goes on to the next reads each value from memory
 * once, where tensor operations read and write it once each.
 *
 * <p>Valid until the tensor is closed or its values are set.
 */
final class TensorMemory {
  /** Values of a stretch: five of them fit into a processor's first cache. */
  static final int STRETCH = 1024;

  private final FloatBuffer floats;

  private TensorMemory(FloatBuffer floats) {
    this.floats = floats;
  }

  /**
   * @param tensor of floats, contiguous, in the CPU's memory: elsewhere it would be a copy
   */
  static TensorMemory of(NDArray tensor) {
    if (tensor.getDevice().isGpu() || tensor.getDataType() != DataType.FLOAT32) {
      throw new IllegalArgumentException(
          "a tensor of %s on %s, not of floats on the CPU"
              .formatted(tensor.getDataType(), tensor.getDevice()));
    }
    return new TensorMemory(tensor.toByteBuffer(true).asFloatBuffer());
  }

  /** Values in all. */
  int length() {
    return floats.limit();
  }

  void read(int from, float[] into, int count) {
    floats.get(from, into, 0, count);
  }

  void write(int from, float[] values, int count) {
    floats.put(from, values, 0, count);
  }
}
