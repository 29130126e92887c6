package dev.fovea.ingest.publish;

/**
 * Makes a camera's capture times strictly increasing: the one place where that is done. A time that
 * is not after the last becomes the last plus one microsecond. One thread at a time.
 */
final class CaptureClock {
  private long lastMicros;

  /** Goes on after {@code lastMicros}, the newest capture time in the topic. */
  CaptureClock(long lastMicros) {
    this.lastMicros = lastMicros;
  }

  /** The capture time to record for a frame said to be taken at {@code micros}. */
  synchronized long next(long micros) {
    lastMicros = Math.max(micros, lastMicros + 1);
    return lastMicros;
  }
}
