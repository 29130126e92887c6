package dev.fovea.standalone.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * How the demo goes, in a line; asked of the sink's own API, so that it says what anyone else would
 * be told.
 */
public final class StatusLine {
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private final ObjectMapper json = new ObjectMapper();
  private final HttpRequest summary;

  public StatusLine(int httpPort) {
    this.summary =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + "/api/summary"))
            .timeout(Duration.ofSeconds(3))
            .build();
  }

  /** The line, without its end. */
  public String now() throws InterruptedException {
    try {
      HttpResponse<String> answer = http.send(summary, HttpResponse.BodyHandlers.ofString());
      return CLOCK.format(LocalTime.now(ZoneId.systemDefault()))
          + "  "
          + format(json.readTree(answer.body()));
    } catch (IOException e) {
      return CLOCK.format(LocalTime.now(ZoneId.systemDefault()))
          + "  the dashboard does not answer: "
          + e;
    }
  }

  static String format(JsonNode summary) {
    JsonNode latency = summary.path("captureToPush");
    JsonNode ledger = summary.path("ledger");
    return String.join(
        " · ",
        number(summary.path("framesPerSecond"), "%.1f") + " frames/s",
        number(summary.path("boxesPerSecond"), "%.0f") + " boxes/s",
        "latency p50 "
            + number(latency.path("p50Ms"), "%.0f")
            + " ms, p99 "
            + number(latency.path("p99Ms"), "%.0f")
            + " ms",
        "lag " + number(summary.path("lag").path("frames"), "%.0f") + " frames",
        "ledger " + ledger.path("state").asText("unknown"));
  }

  private static String number(JsonNode value, String format) {
    return value.isNumber() ? String.format(Locale.ROOT, format, value.asDouble()) : "—";
  }
}
