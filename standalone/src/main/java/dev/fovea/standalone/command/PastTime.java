package dev.fovea.standalone.command;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as a person gives them on the command line. */
final class PastTime {
  private static final Pattern SPAN = Pattern.compile("([0-9]{1,9})(s|m|h|d)");

  private PastTime() {}

  /**
   * A time with its zone, or how long ago.
   *
   * @throws IllegalArgumentException with what it must be
   */
  static Instant parse(String text, Instant now) {
    if (SPAN.matcher(text).matches()) {
      return now.minus(duration(text));
    }
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "\"%s\" is neither a time with its zone, as 2026-11-24T20:00:00Z, nor a time ago, as 10m"
              .formatted(text),
          e);
    }
  }

  /**
   * A number of seconds, minutes, hours or days.
   *
   * @throws IllegalArgumentException with what it must be
   */
  static Duration duration(String text) {
    Matcher span = SPAN.matcher(text);
    if (!span.matches()) {
      throw new IllegalArgumentException(
          "\"%s\" is no time such as 90s, 10m, 2h or 3d".formatted(text));
    }
    long count = Long.parseLong(span.group(1));
    return switch (span.group(2)) {
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }
}
