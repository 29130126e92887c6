package dev.fovea.trainer.data;

/** Seeds of generators that must not resemble each other. */
final class Seeds {
  private Seeds() {}

  /** Two numbers to one seed, well spread (SplitMix64's finaliser). */
  static long mix(long seed, long number) {
    long z = seed + number * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
