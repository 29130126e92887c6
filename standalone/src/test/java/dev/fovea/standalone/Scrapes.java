package dev.fovea.standalone;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What a Prometheus that looks now and then sees of a service on this machine. */
final class Scrapes {
  private final HttpClient http = HttpClient.newHttpClient();
  private final int port;
  private final Map<String, Set<Double>> seen = new HashMap<>();
  private Map<String, Double> last = Map.of();

  Scrapes(int port) {
    this.port = port;
  }

  int port() {
    return port;
  }

  /** Looks once; a service that is not up yet shows nothing. */
  void look() {
    try {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics")).build(),
              BodyHandlers.ofString());
      last = read(answer.body());
      last.forEach((name, value) -> seen.computeIfAbsent(name, n -> new TreeSet<>()).add(value));
    } catch (IOException e) {
      last = Map.of();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What the health check says; empty while nobody answers. */
  String health() throws InterruptedException {
    try {
      return http.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/healthz")).build(),
              BodyHandlers.ofString())
          .body()
          .strip();
    } catch (IOException e) {
      return "";
    }
  }

  private static Map<String, Double> read(String text) {
    Map<String, Double> figures = new HashMap<>();
    for (String line : text.split("\n", -1)) {
      if (!line.startsWith("#") && !line.isBlank()) {
        int gap = line.lastIndexOf(' ');
        figures.put(line.substring(0, gap), Double.valueOf(line.substring(gap + 1)));
      }
    }
    return figures;
  }

  /** The last look's figures, by name and labels. */
  Map<String, Double> last() {
    return last;
  }

  /** A figure at the last look. */
  double now(String figure) {
    Double value = last.get(figure);
    if (value == null) {
      throw new AssertionError(figure + " is not among " + last.keySet());
    }
    return value;
  }

  /** The different values that a figure has had. */
  Set<Double> seen(String figure) {
    return seen.getOrDefault(figure, Set.of());
  }
}
