package dev.fovea.ingest.street;

/**
 * A small random generator (SplitMix64, Steele et al. 2014) made from keys: the same keys give the
 * same throws on every JDK, which {@code java.util} promises for no method that takes bounds.
 */
final class Dice {
  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  private long state;

  private Dice(long state) {
    this.state = state;
  }

  static Dice of(long... keys) {
    long state = 0x5DEECE66DL;
    for (long key : keys) {
      state = mix(state ^ mix(key + GAMMA));
    }
    return new Dice(state);
  }

  long next() {
    state += GAMMA;
    return mix(state);
  }

  /** Uniform in [0, 1). */
  double unit() {
    return (next() >>> 11) * 0x1.0p-53;
  }

  /** Uniform in [low, high). */
  double between(double low, double high) {
    return low + (high - low) * unit();
  }

  /** Uniform in 0 … bound − 1. */
  int below(int bound) {
    return (int) (unit() * bound);
  }

  boolean chance(double probability) {
    return unit() < probability;
  }

  int pick(int... choices) {
    return choices[below(choices.length)];
  }

  /** Normal with mean 0 and deviation 1 (Box and Muller). */
  double normal() {
    return Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit());
  }

  private static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
