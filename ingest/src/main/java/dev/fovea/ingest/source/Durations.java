package dev.fovea.ingest.source;

import java.time.Duration;
import java.util.Locale;

/** Durations in sentences. */
final class Durations {
  private Durations() {}

  /** "3 s", "0.5 s". */
  static String inWords(Duration duration) {
    double seconds = duration.toNanos() / 1e9;
    return seconds == Math.rint(seconds)
        ? String.format(Locale.ROOT, "%.0f s", seconds)
        : String.format(Locale.ROOT, "%.1f s", seconds);
  }
}
