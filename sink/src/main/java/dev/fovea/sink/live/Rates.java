package dev.fovea.sink.live;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.OptionalDouble;

/**
 * What was shown over the last minute: how many frames and boxes a second, and how long from
 * capture until the pair was handed to the viewers. Bounded: at most {@value #MAX_SAMPLES} samples,
 * the newest. Thread-safe.
 */
public final class Rates {
  private static final long LATENCY_WINDOW_MICROS = 60_000_000;
  private static final long RATE_WINDOW_MICROS = 5_000_000;
  private static final int MAX_SAMPLES = 60_000;

  private record Sample(long atMicros, long latencyMicros, int boxes) {}

  private final Deque<Sample> samples = new ArrayDeque<>();

  /** One frame was handed to the viewers at {@code nowMicros}. */
  public synchronized void shown(long nowMicros, long captureTimeMicros, int boxes) {
    samples.addLast(new Sample(nowMicros, nowMicros - captureTimeMicros, boxes));
    if (samples.size() > MAX_SAMPLES) {
      samples.removeFirst();
    }
  }

  /** Frames a second over the last 5 s. */
  public synchronized double framesPerSecond(long nowMicros) {
    return newest(nowMicros).size() * 1e6 / RATE_WINDOW_MICROS;
  }

  /** Boxes a second over the last 5 s. */
  public synchronized double boxesPerSecond(long nowMicros) {
    return newest(nowMicros).stream().mapToInt(Sample::boxes).sum() * 1e6 / RATE_WINDOW_MICROS;
  }

  /**
   * A percentile of capture-to-push latency over the last 60 s, by nearest rank.
   *
   * @param fraction 0 to 1, such as 0.99
   * @return milliseconds; empty where nothing was shown
   */
  public synchronized OptionalDouble latencyMillis(long nowMicros, double fraction) {
    forgetOld(nowMicros);
    if (samples.isEmpty()) {
      return OptionalDouble.empty();
    }
    long[] sorted = samples.stream().mapToLong(Sample::latencyMicros).toArray();
    Arrays.sort(sorted);
    int rank = (int) Math.ceil(fraction * sorted.length);
    return OptionalDouble.of(sorted[Math.max(0, rank - 1)] / 1e3);
  }

  private java.util.List<Sample> newest(long nowMicros) {
    forgetOld(nowMicros);
    return samples.stream().filter(s -> s.atMicros > nowMicros - RATE_WINDOW_MICROS).toList();
  }

  private void forgetOld(long nowMicros) {
    while (!samples.isEmpty() && samples.getFirst().atMicros <= nowMicros - LATENCY_WINDOW_MICROS) {
      samples.removeFirst();
    }
  }
}
