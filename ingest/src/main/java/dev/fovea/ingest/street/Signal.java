package dev.fovea.ingest.street;

/**
 * The clock of a signalled crossing: who moves when, and how far they have come. Everybody on a
 * lane moves alike, by a whole number of places a cycle, so positions follow from the time alone
 * and the places inside the crossing are always the same ones.
 */
final class Signal {
  static final double CYCLE = 32;
  static final double MAIN_START = 0;
  static final double MAIN_LENGTH = 15;
  static final double CROSS_START = 17;
  static final double CROSS_LENGTH = 13;

  /** Places a lane moves on in a cycle. */
  static final int PLACES = 9;

  private Signal() {}

  /** Places moved since time 0 on a lane that moves in this part of each cycle. */
  static double moved(double seconds, double start, double length) {
    double cycle = Math.floor((seconds - start) / CYCLE);
    double into = (seconds - start - cycle * CYCLE) / length;
    double t = Math.min(1, into);
    // Trapezoid of speed with soft ends: more even than a smoothstep, so cars cruise.
    double eased = t + Math.sin(2 * Math.PI * t) / (2 * Math.PI) * -0.75;
    return PLACES * (cycle + (into >= 1 ? 1 : eased));
  }

  /** True while the lane slows down or stands. */
  static boolean braking(double seconds, double start, double length) {
    double into = (seconds - start) - Math.floor((seconds - start) / CYCLE) * CYCLE;
    return into > length * 0.62;
  }
}
