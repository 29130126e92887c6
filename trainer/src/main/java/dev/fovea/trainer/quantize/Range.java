package dev.fovea.trainer.quantize;

/** Smallest and largest value that a tensor has taken; 0 is always inside. */
record Range(float min, float max) {
  private static final int LEVELS = 255;

  Range {
    min = Math.min(min, 0);
    max = Math.max(max, 0);
  }

  Range including(Range other) {
    return new Range(Math.min(min, other.min), Math.max(max, other.max));
  }

  /** The same with nothing below. */
  Range from(float lowest) {
    return new Range(Math.max(min, lowest), max);
  }

  /** Step of an unsigned 8-bit scale over the range; above 0 even for an empty one. */
  float scale() {
    float step = (max - min) / LEVELS;
    return step > Float.MIN_NORMAL ? step : 1f / LEVELS;
  }

  /** The level that stands for 0. */
  int zeroPoint() {
    return Math.max(0, Math.min(LEVELS, Math.round(-min / scale())));
  }
}
