package dev.fovea.trainer.weights;

import java.nio.ByteBuffer;

/** What a tensor's values are. Floating-point types can be read as floats. */
enum ElementType {
  FLOAT64("F64", "DoubleStorage", 8),
  FLOAT32("F32", "FloatStorage", 4),
  FLOAT16("F16", "HalfStorage", 2),
  BFLOAT16("BF16", "BFloat16Storage", 2),
  INT64("I64", "LongStorage", 8),
  INT32("I32", "IntStorage", 4),
  INT16("I16", "ShortStorage", 2),
  INT8("I8", "CharStorage", 1),
  UINT8("U8", "ByteStorage", 1),
  BOOLEAN("BOOL", "BoolStorage", 1);

  private final String safetensorsName;
  private final String torchStorage;
  private final int bytes;

  ElementType(String safetensorsName, String torchStorage, int bytes) {
    this.safetensorsName = safetensorsName;
    this.torchStorage = torchStorage;
    this.bytes = bytes;
  }

  /** The {@code dtype} of a safetensors header. */
  String safetensorsName() {
    return safetensorsName;
  }

  /** The class of {@code torch} that storages of this type have. */
  String torchStorage() {
    return torchStorage;
  }

  /** Bytes of one value. */
  int bytes() {
    return bytes;
  }

  boolean isFloatingPoint() {
    return switch (this) {
      case FLOAT64, FLOAT32, FLOAT16, BFLOAT16 -> true;
      default -> false;
    };
  }

  /**
   * One value as a float: rounded from 64 bits, exact from 16.
   *
   * @param at of its first byte
   * @throws IllegalStateException if this is no floating-point type
   */
  float read(ByteBuffer data, int at) {
    return switch (this) {
      case FLOAT64 -> (float) data.getDouble(at);
      case FLOAT32 -> data.getFloat(at);
      case FLOAT16 -> fromHalf(data.getShort(at));
      case BFLOAT16 -> Float.intBitsToFloat(data.getShort(at) << 16);
      default -> throw new IllegalStateException(this + " is no floating-point type");
    };
  }

  /** IEEE 754 binary16; the JDK has it from version 20 on. */
  private static float fromHalf(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = half >> 10 & 0x1F;
    int fraction = half & 0x3FF;
    if (exponent == 0) {
      float magnitude = fraction * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    int widened = exponent == 0x1F ? 0xFF : exponent + (127 - 15);
    return Float.intBitsToFloat(sign | widened << 23 | fraction << 13);
  }
}
