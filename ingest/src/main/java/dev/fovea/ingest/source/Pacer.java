package dev.fovea.ingest.source;

import java.util.concurrent.TimeUnit;

/** Holds a file's frames back until they are due, and says when they were taken. */
final class Pacer {
  /** After a longer standstill (a suspended machine) the lost time is let go, not caught up. */
  private static final long FORGIVEN_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final SourceOptions options;
  private boolean started;
  private long startNanos;
  private long startMicros;

  Pacer(SourceOptions options) {
    this.options = options;
  }

  /**
   * Waits until the frame at {@code mediaMicros} is due (real time) or not at all (fast).
   *
   * @return the frame's capture time, microseconds since the epoch
   */
  long awaitDue(long mediaMicros) throws InterruptedException {
    if (options.pace() == Pace.FAST) {
      return options.nowMicros();
    }
    long now = System.nanoTime();
    if (!started) {
      started = true;
      startNanos = now - mediaMicros * 1_000;
      startMicros = options.nowMicros() - mediaMicros;
    }
    long early = startNanos + mediaMicros * 1_000 - now;
    if (early > 0) {
      TimeUnit.NANOSECONDS.sleep(early);
    } else if (-early > FORGIVEN_NANOS) {
      startNanos -= early;
      startMicros -= early / 1_000;
    }
    return startMicros + mediaMicros;
  }
}
