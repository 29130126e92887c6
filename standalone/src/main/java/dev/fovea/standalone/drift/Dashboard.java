package dev.fovea.standalone.drift;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/** What the dashboard says: the sink's own summary. */
final class Dashboard {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final ObjectMapper json = new ObjectMapper();
  private final HttpRequest summary;

  /**
   * @param ap50 measured over all cameras of late
   * @param frames that it is over
   * @param model version that answers
   * @param ledger balanced, settling or unbalanced
   */
  record View(double ap50, int frames, String model, String ledger) {}

  Dashboard(int httpPort) {
    this.summary =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + "/api/summary"))
            .timeout(PATIENCE)
            .build();
  }

  /** Empty while it does not answer, or nothing is measured. */
  Optional<View> now() throws InterruptedException {
    try {
      HttpResponse<String> answer = http.send(summary, HttpResponse.BodyHandlers.ofString());
      JsonNode root = json.readTree(answer.body());
      JsonNode accuracy = root.path("accuracy");
      if (!accuracy.path("ap50").isNumber()) {
        return Optional.empty();
      }
      return Optional.of(
          new View(
              accuracy.path("ap50").asDouble(),
              accuracy.path("frames").asInt(),
              root.path("model").path("version").asText(),
              root.path("ledger").path("state").asText()));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
