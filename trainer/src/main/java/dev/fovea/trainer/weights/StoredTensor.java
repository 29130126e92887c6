package dev.fovea.trainer.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A tensor as it lies in a file: a view of a storage, which other tensors may share.
 *
 * @param shape sides, outermost first; empty for a single number
 * @param strides values from one index to the next, for each side
 * @param offset the first value's index in the storage
 */
record StoredTensor(
    ElementType type,
    ByteOrder order,
    List<Integer> shape,
    List<Long> strides,
    long offset,
    Storage storage) {

  /** A view that is spread over more than this is no weight of a network. */
  private static final long MOST_BYTES = 1L << 29;

  /**
   * A view that lies within its storage.
   *
   * @throws IllegalArgumentException saying which rule is broken
   */
  StoredTensor {
    shape = List.copyOf(shape);
    strides = List.copyOf(strides);
    require(shape.size() == strides.size(), "has other numbers of sides and strides");
    require(shape.size() <= 8, "has more than 8 sides");
    require(shape.stream().allMatch(side -> side >= 0), "has a negative side");
    require(strides.stream().allMatch(stride -> stride >= 0), "has a negative stride");
    require(offset >= 0, "begins before its storage");
    try {
      long end = Math.multiplyExact(Math.addExact(last(shape, strides, offset), 1), type.bytes());
      require(isEmpty(shape) || end <= storage.bytes(), "reaches beyond its storage");
      require(count(shape) <= Integer.MAX_VALUE, "has too many values");
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("has sides beyond all bounds", e);
    }
  }

  /** One after the other, the last side's first. */
  static StoredTensor contiguous(
      ElementType type, ByteOrder order, List<Integer> shape, Storage storage) {
    Long[] strides = new Long[shape.size()];
    long stride = 1;
    for (int side = shape.size() - 1; side >= 0; side--) {
      strides[side] = stride;
      stride = Math.multiplyExact(stride, Math.max(1, shape.get(side)));
    }
    return new StoredTensor(type, order, shape, List.of(strides), 0, storage);
  }

  /**
   * The values, the last side's first.
   *
   * @throws IOException saying what is wrong with them
   */
  float[] read() throws IOException {
    if (!type.isFloatingPoint()) {
      throw new IOException("holds " + type.safetensorsName() + ", not floating-point numbers");
    }
    float[] values = new float[(int) count(shape)];
    if (values.length == 0) {
      return values;
    }
    long bytes = (last(shape, strides, offset) - offset + 1) * type.bytes();
    if (bytes > MOST_BYTES) {
      throw new IOException("is spread over " + bytes + " bytes, more than a network's weight is");
    }
    ByteBuffer data =
        ByteBuffer.wrap(storage.read(offset * type.bytes(), (int) bytes)).order(order);
    int[] index = new int[shape.size()];
    long at = 0;
    for (int i = 0; i < values.length; i++) {
      values[i] = type.read(data, (int) at * type.bytes());
      if (!Float.isFinite(values[i])) {
        throw new IOException("holds %s as value %d".formatted(values[i], i));
      }
      at += advance(index);
    }
    return values;
  }

  /** Counts the index up by one; the answer is how far that is in the storage. */
  private long advance(int[] index) {
    long distance = 0;
    for (int side = index.length - 1; side >= 0; side--) {
      distance += strides.get(side);
      if (++index[side] < shape.get(side)) {
        return distance;
      }
      distance -= index[side] * strides.get(side);
      index[side] = 0;
    }
    return distance;
  }

  private static boolean isEmpty(List<Integer> shape) {
    return shape.contains(0);
  }

  private static long count(List<Integer> shape) {
    long count = 1;
    for (int side : shape) {
      count = Math.multiplyExact(count, side);
    }
    return count;
  }

  /** Index of the value that lies furthest on. */
  private static long last(List<Integer> shape, List<Long> strides, long offset) {
    long last = offset;
    for (int side = 0; side < shape.size(); side++) {
      long steps = Math.max(0, shape.get(side) - 1);
      last = Math.addExact(last, Math.multiplyExact(steps, strides.get(side)));
    }
    return last;
  }

  private static void require(boolean holds, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(rule);
    }
  }
}
