package dev.fovea.standalone.command;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.fovea.schema.Metrics;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Tells a container engine or a supervisor whether the service works: {@code GET /healthz} is 200,
 * or 503 with the reason; and Prometheus what it does: {@code GET /metrics}. Bound to the loopback
 * interface unless it is told otherwise, since it asks nobody who they are.
 */
final class HealthEndpoint implements AutoCloseable {
  private static final String HEALTH = "/healthz";
  private static final String METRICS = "/metrics";
  private static final String PLAIN = "text/plain; charset=utf-8";
  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final int METHOD_NOT_ALLOWED = 405;
  private static final int UNAVAILABLE = 503;

  private final Optional<HttpServer> server;

  private HealthEndpoint(Optional<HttpServer> server) {
    this.server = server;
  }

  /**
   * Starts to answer.
   *
   * @param host the address to listen on
   * @param port 0 = not at all
   * @param trouble what is wrong, in words; empty while nothing is
   * @param metrics the service's figures; empty = there is no such path
   * @throws IllegalStateException if the port cannot be had
   */
  static HealthEndpoint start(
      String host, int port, Supplier<Optional<String>> trouble, Optional<Metrics> metrics) {
    if (port == 0) {
      return new HealthEndpoint(Optional.empty());
    }
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getByName(host), port), 0);
      server.createContext("/", exchange -> answer(exchange, trouble, metrics));
      server.start();
      return new HealthEndpoint(Optional.of(server));
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalStateException(
          "--health-host %s --health-port %d cannot be listened on: %s"
              .formatted(host, port, e.getMessage()),
          e);
    }
  }

  /** Whether there is a port to ask at. */
  boolean listens() {
    return server.isPresent();
  }

  private static void answer(
      HttpExchange exchange, Supplier<Optional<String>> trouble, Optional<Metrics> metrics)
      throws IOException {
    String path = exchange.getRequestURI().getPath();
    boolean hasMetrics = path.equals(METRICS) && metrics.isPresent();
    if (!path.equals(HEALTH) && !hasMetrics) {
      send(
          exchange,
          NOT_FOUND,
          PLAIN,
          (metrics.isPresent()
                  ? "only " + HEALTH + " and " + METRICS + " are here"
                  : "only " + HEALTH + " is here")
              + "\n");
    } else if (!exchange.getRequestMethod().equals("GET")) {
      send(exchange, METHOD_NOT_ALLOWED, PLAIN, "only GET\n");
    } else if (hasMetrics) {
      send(exchange, OK, Metrics.CONTENT_TYPE, metrics.get().text());
    } else {
      Optional<String> why = trouble.get();
      send(exchange, why.isEmpty() ? OK : UNAVAILABLE, PLAIN, why.orElse("ok") + "\n");
    }
  }

  private static void send(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  @Override
  public void close() {
    server.ifPresent(s -> s.stop(0));
  }
}
