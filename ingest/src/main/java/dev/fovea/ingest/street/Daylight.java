package dev.fovea.ingest.street;

import java.time.Duration;

/** The street's clock: what hour it is in each frame. */
public sealed interface Daylight {
  Daylight NOON = fixed(12);
  Daylight NIGHT = fixed(23);

  /** It stays this hour, 0 ≤ hour &lt; 24 (fractions are minutes). */
  static Daylight fixed(double hour) {
    return new Fixed(hour);
  }

  /** Day and night follow each other. */
  static Daylight cycle(double startHour, Duration dayLength) {
    return new Cycle(startHour, dayLength);
  }

  /** Noon, then an afternoon and evening, then night for good. */
  static Daylight nightfall(Duration after, Duration takes) {
    return new Nightfall(after, takes);
  }

  /** The hour of the day after {@code seconds} of film. */
  double hourAt(double seconds);

  /** Whether the hour never changes. */
  boolean isStill();

  /**
   * One hour for ever.
   *
   * @param hour 0 ≤ hour &lt; 24
   */
  record Fixed(double hour) implements Daylight {
    public Fixed {
      requireHour(hour);
    }

    @Override
    public double hourAt(double seconds) {
      return hour;
    }

    @Override
    public boolean isStill() {
      return true;
    }
  }

  /**
   * Days without end.
   *
   * @param startHour hour that the first frame shows, 0 ≤ hour &lt; 24
   * @param dayLength how long 24 hours take, at least a second
   */
  record Cycle(double startHour, Duration dayLength) implements Daylight {
    public Cycle {
      requireHour(startHour);
      if (dayLength.toMillis() < 1000) {
        throw new IllegalArgumentException("day length " + dayLength + ": must be at least PT1S");
      }
    }

    @Override
    public double hourAt(double seconds) {
      double hour = startHour + 24 * seconds / (dayLength.toMillis() / 1000.0);
      return hour - 24 * Math.floor(hour / 24);
    }

    @Override
    public boolean isStill() {
      return false;
    }
  }

  /**
   * One evening.
   *
   * @param after how long it is noon; not negative
   * @param takes how long it then takes to become {@linkplain #NIGHT night}; not negative
   */
  record Nightfall(Duration after, Duration takes) implements Daylight {
    private static final double NOON_HOUR = 12;
    private static final double NIGHT_HOUR = 23;

    public Nightfall {
      if (after.isNegative() || takes.isNegative()) {
        throw new IllegalArgumentException(
            "nightfall after " + after + " within " + takes + ": neither may be negative");
      }
    }

    @Override
    public double hourAt(double seconds) {
      double past = seconds - after.toMillis() / 1000.0;
      double lasts = takes.toMillis() / 1000.0;
      if (past < 0) {
        return NOON_HOUR;
      }
      double share = past >= lasts ? 1 : past / lasts;
      return NOON_HOUR + share * (NIGHT_HOUR - NOON_HOUR);
    }

    @Override
    public boolean isStill() {
      return false;
    }
  }

  private static void requireHour(double hour) {
    if (!(hour >= 0 && hour < 24)) {
      throw new IllegalArgumentException("hour " + hour + ": must be in 0 <= hour < 24");
    }
  }
}
