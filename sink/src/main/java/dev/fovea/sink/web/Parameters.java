package dev.fovea.sink.web;

import dev.fovea.schema.CameraId;
import dev.fovea.sink.store.DetectionQueries.AnswerKey;
import dev.fovea.sink.store.DetectionQueries.WindowKey;
import io.javalin.http.Context;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Query parameters, each checked; what breaks a rule is a {@link BadParameter}. */
final class Parameters {
  static final int MAX_LIMIT = 10_000;
  private static final int MAX_LABEL = 256;

  private final Context context;

  /** A request that breaks a rule; the message names parameter, value and rule. */
  static final class BadParameter extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BadParameter(String name, String value, String rule) {
      super("parameter " + name + " = \"" + shortened(value) + "\": " + rule);
    }

    private static String shortened(String value) {
      return value.length() <= 80 ? value : value.substring(0, 80) + "…";
    }
  }

  /**
   * Reads the parameters of a request.
   *
   * @param known names of the parameters it takes; any other is refused
   */
  Parameters(Context context, Set<String> known) {
    this.context = context;
    for (String name : context.queryParamMap().keySet()) {
      if (!known.contains(name)) {
        throw new BadParameter(
            name,
            String.valueOf(context.queryParam(name)),
            known.isEmpty()
                ? "takes no parameters here"
                : "not known here; known are " + String.join(", ", new TreeSet<>(known)));
      }
      if (context.queryParams(name).size() > 1) {
        throw new BadParameter(
            name, String.join(", ", context.queryParams(name)), "may be given once");
      }
    }
  }

  @Nullable String camera() {
    String value = context.queryParam("camera");
    return value == null ? null : camera("camera", value);
  }

  /** A camera id, by the rule of {@link CameraId}. */
  static String camera(String name, String value) {
    try {
      return new CameraId(value).value();
    } catch (IllegalArgumentException e) {
      throw new BadParameter(
          name, value, "must be 1 to 64 characters of A-Z a-z 0-9 . _ - and not start with a dot");
    }
  }

  @Nullable String label() {
    String value = context.queryParam("label");
    if (value != null && (value.isEmpty() || value.length() > MAX_LABEL)) {
      throw new BadParameter("label", value, "must be 1 to " + MAX_LABEL + " characters");
    }
    return value;
  }

  int limit(int otherwise) {
    String value = context.queryParam("limit");
    if (value == null) {
      return otherwise;
    }
    try {
      int limit = Integer.parseInt(value);
      if (limit >= 1 && limit <= MAX_LIMIT) {
        return limit;
      }
    } catch (NumberFormatException e) {
      // falls through to the one message
    }
    throw new BadParameter("limit", value, "must be a whole number from 1 to " + MAX_LIMIT);
  }

  /** A time in microseconds since the epoch: a whole number, or ISO 8601 with a zone. */
  long timeMicros(String name, long otherwise) {
    String value = context.queryParam(name);
    if (value == null) {
      return otherwise;
    }
    try {
      return value.matches("[0-9]{1,18}") ? Long.parseLong(value) : isoMicros(value);
    } catch (DateTimeException | ArithmeticException e) {
      throw new BadParameter(
          name,
          value,
          "must be microseconds since the epoch, or ISO 8601 such as 2026-11-24T14:00:00Z");
    }
  }

  private static long isoMicros(String value) {
    // In a query a plus sign means a space, and the zone of an ISO time may begin with one.
    Instant time = OffsetDateTime.parse(value.replace(' ', '+')).toInstant();
    return Math.addExact(
        Math.multiplyExact(time.getEpochSecond(), TimeUnit.SECONDS.toMicros(1)),
        time.getNano() / 1_000);
  }

  @Nullable AnswerKey afterAnswer() {
    List<String> parts = after(2);
    return parts == null
        ? null
        : new AnswerKey(Long.parseLong(parts.get(0)), camera("after", parts.get(1)));
  }

  @Nullable WindowKey afterWindow() {
    List<String> parts = after(3);
    return parts == null
        ? null
        : new WindowKey(Long.parseLong(parts.get(0)), camera("after", parts.get(1)), parts.get(2));
  }

  static String next(AnswerKey last) {
    return last.captureTimeMicros() + ":" + last.camera();
  }

  static String next(WindowKey last) {
    return last.startMicros() + ":" + last.camera() + ":" + last.label();
  }

  private @Nullable List<String> after(int count) {
    String value = context.queryParam("after");
    if (value == null) {
      return null;
    }
    List<String> parts = new ArrayList<>(List.of(value.split(":", count)));
    if (parts.size() != count || !parts.get(0).matches("[0-9]{1,18}")) {
      throw new BadParameter("after", value, "must be \"next\" of the page before");
    }
    return parts;
  }
}
