package dev.fovea.ingest.publish;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Waiting times between tries: doubling from the first to the longest, each shortened at random by
 * up to a quarter, so that cameras behind one switch don't come back in step. One thread.
 */
final class BackOff {
  private static final double JITTER = 0.25;

  private final Duration first;
  private final Duration longest;
  private final RandomGenerator random;
  private Duration full;

  BackOff(Duration first, Duration longest, RandomGenerator random) {
    this.first = first;
    this.longest = longest;
    this.random = random;
    this.full = first;
  }

  /** How long to wait this time. */
  Duration next() {
    double share = 1 - JITTER * random.nextDouble();
    Duration wait = Duration.ofNanos((long) (full.toNanos() * share));
    Duration doubled = full.multipliedBy(2);
    full = doubled.compareTo(longest) > 0 ? longest : doubled;
    return wait;
  }

  /** It worked: the next failure starts from the first waiting time. */
  void reset() {
    full = first;
  }
}
