package dev.fovea.detector.mining;

/**
 * What the frames of a camera have been worth of late, and how far they lie apart: averages that
 * forget in half a minute, or in ten frames where those take longer.
 *
 * @param frames seen so far
 * @param stepMicros from one to the next
 */
record RecentWorth(int frames, double mean, double variance, double stepMicros) {
  static final RecentWorth NONE = new RecentWorth(0, 0, 0, 0);

  /** Fewer do not tell what is much. */
  static final int LEAST_FRAMES = 10;

  private static final double MEMORY_MICROS = 30e6;

  /** With one frame more. */
  RecentWorth with(double worth, long sinceLastMicros) {
    double share =
        Math.max(1.0 / (frames + 1), Math.min(1.0 / LEAST_FRAMES, sinceLastMicros / MEMORY_MICROS));
    double more = worth - mean;
    return new RecentWorth(
        frames + 1,
        mean + share * more,
        (1 - share) * (variance + share * more * more),
        stepMicros + Math.max(1.0 / Math.max(1, frames), share) * (sinceLastMicros - stepMicros));
  }

  boolean isKnown() {
    return frames >= LEAST_FRAMES;
  }

  /**
   * What the best frame of a time to come is worth at least, so that a frame that has as much
   * should be taken now. The highest of n independent normal draws is about {@code mean + sd sqrt(2
   * ln n)}; frames are neither, but a bar that falls as the time runs out is what counts.
   *
   * @return 0 where no frame is to come
   */
  double bestOfTheNext(long micros) {
    double left = micros / Math.max(1, stepMicros);
    return left < 1 ? 0 : mean + Math.sqrt(2 * Math.log(left) * variance);
  }
}
