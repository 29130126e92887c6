package dev.fovea.ingest.source;

import dev.fovea.ingest.street.Daylight;
import dev.fovea.ingest.street.StreetSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What follows {@code synthetic:}, such as {@code ?seed=7&night=true}: which street is drawn, and
 * for how long.
 *
 * @param street what to draw
 * @param frames after how many frames it ends; 0 = never
 */
record SyntheticQuery(StreetSettings street, long frames) {
  private static final Set<String> KEYS =
      Set.of(
          "seed", "night", "dusk-after", "dusk-for", "fps", "width", "height", "density", "frames");

  private static final Duration USUAL_DUSK = Duration.ofSeconds(30);
  private static final long LONGEST_SECONDS = Duration.ofDays(365).toSeconds();

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException naming the parameter, its value and the rule
   */
  static SyntheticQuery parse(String text) {
    Map<String, String> query = parameters(text);
    StreetSettings street =
        StreetSettings.of(number(query, "seed", 1))
            .withSize((int) number(query, "width", 640), (int) number(query, "height", 360));
    street = street.withDaylight(daylight(query, street.daylight()));
    if (query.containsKey("fps")) {
      street = street.withFramesPerSecond(decimal(query, "fps"));
    }
    if (query.containsKey("density")) {
      street = street.withDensity(decimal(query, "density"));
    }
    long frames = number(query, "frames", 0);
    if (frames < 0) {
      throw refused("frames", query.getOrDefault("frames", ""), "must not be negative");
    }
    return new SyntheticQuery(street, frames);
  }

  private static Daylight daylight(Map<String, String> query, Daylight otherwise) {
    if (query.containsKey("dusk-after")) {
      if (query.containsKey("night")) {
        throw refused("night", query.getOrDefault("night", ""), "goes not with dusk-after");
      }
      return Daylight.nightfall(
          seconds(query, "dusk-after", Duration.ZERO), seconds(query, "dusk-for", USUAL_DUSK));
    }
    if (query.containsKey("dusk-for")) {
      throw refused("dusk-for", query.getOrDefault("dusk-for", ""), "needs dusk-after beside it");
    }
    if (query.containsKey("night")) {
      return flag(query, "night") ? Daylight.NIGHT : Daylight.NOON;
    }
    return otherwise;
  }

  private static Map<String, String> parameters(String text) {
    Map<String, String> query = new HashMap<>();
    String list = text.startsWith("?") ? text.substring(1) : text;
    if (list.isEmpty()) {
      return query;
    }
    for (String pair : list.split("&", -1)) {
      int equals = pair.indexOf('=');
      String key = equals < 0 ? pair : pair.substring(0, equals);
      if (equals < 0 || !KEYS.contains(key)) {
        throw new IllegalArgumentException(
            "synthetic: parameter \""
                + pair
                + "\" is not known; use "
                + String.join(", ", KEYS.stream().sorted().toList())
                + ", each as name=value with & between");
      }
      query.put(key, pair.substring(equals + 1));
    }
    return query;
  }

  private static long number(Map<String, String> query, String key, long otherwise) {
    String value = query.get(key);
    if (value == null) {
      return otherwise;
    }
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw refused(key, value, "must be a whole number");
    }
  }

  private static double decimal(Map<String, String> query, String key) {
    String value = query.getOrDefault(key, "");
    try {
      return Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw refused(key, value, "must be a number");
    }
  }

  /** A length of film, such as 60s. */
  private static Duration seconds(Map<String, String> query, String key, Duration otherwise) {
    String value = query.get(key);
    if (value == null) {
      return otherwise;
    }
    if (!value.matches("[0-9]{1,9}s") || Long.parseLong(value.replace("s", "")) > LONGEST_SECONDS) {
      throw refused(key, value, "must be whole seconds, such as 60s, at most a year");
    }
    return Duration.ofSeconds(Long.parseLong(value.replace("s", "")));
  }

  private static boolean flag(Map<String, String> query, String key) {
    String value = query.getOrDefault(key, "");
    if (!value.equals("true") && !value.equals("false")) {
      throw refused(key, value, "must be true or false");
    }
    return value.equals("true");
  }

  private static IllegalArgumentException refused(String key, String value, String rule) {
    return new IllegalArgumentException("synthetic: " + key + "=" + value + ": " + rule);
  }
}
