package dev.fovea.ingest.publish;

/** Picks frames so that a target rate is kept on average, whatever the source's rate. */
final class FrameSampler {
  private final double intervalMicros;
  private double dueMicros = Double.NEGATIVE_INFINITY;

  /**
   * Makes a sampler.
   *
   * @param framesPerSecond target rate; 0 = every frame
   */
  FrameSampler(double framesPerSecond) {
    this.intervalMicros = framesPerSecond == 0 ? 0 : 1e6 / framesPerSecond;
  }

  /** Whether to keep the frame at {@code mediaTimeMicros} of the source. */
  boolean keeps(long mediaTimeMicros) {
    // A source of just the target rate must not lose frames to rounding of its times.
    double tolerance = intervalMicros / 20;
    if (mediaTimeMicros < dueMicros - tolerance) {
      return false;
    }
    // The next is due one interval after this was due, or the average would fall short; after a
    // gap the count starts anew.
    double next = dueMicros + intervalMicros;
    dueMicros = next < mediaTimeMicros ? mediaTimeMicros + intervalMicros : next;
    return true;
  }
}
