package dev.fovea.ingest.street;

import java.time.Duration;

/**
 * The street's clock: the hour its first frame shows, and how long its day lasts.
 *
 * @param startHour hour of the day, 0 ≤ hour &lt; 24 (fractions are minutes)
 * @param dayLength how long 24 hours take; zero stops the clock
 */
public record Daylight(double startHour, Duration dayLength) {
  public static final Daylight NOON = fixed(12);
  public static final Daylight NIGHT = fixed(23);

  public Daylight {
    if (!(startHour >= 0 && startHour < 24)) {
      throw new IllegalArgumentException("hour " + startHour + ": must be in 0 <= hour < 24");
    }
    if (dayLength.isNegative() || (!dayLength.isZero() && dayLength.toMillis() < 1000)) {
      throw new IllegalArgumentException(
          "day length " + dayLength + ": must be zero (no cycle) or at least PT1S");
    }
  }

  /** It stays this hour. */
  public static Daylight fixed(double hour) {
    return new Daylight(hour, Duration.ZERO);
  }

  /** Day and night follow each other. */
  public static Daylight cycle(double startHour, Duration dayLength) {
    return new Daylight(startHour, dayLength);
  }

  /** The hour of the day after {@code seconds} of film. */
  double hourAt(double seconds) {
    if (dayLength.isZero()) {
      return startHour;
    }
    double hour = startHour + 24 * seconds / (dayLength.toMillis() / 1000.0);
    return hour - 24 * Math.floor(hour / 24);
  }
}
