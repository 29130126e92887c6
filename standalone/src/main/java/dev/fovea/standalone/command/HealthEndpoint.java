package dev.fovea.standalone.command;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Tells a container engine or a supervisor on this machine whether the service works: {@code GET
 * /healthz} is 200, or 503 with the reason. Bound to the loopback interface, since it asks nobody
 * who they are.
 */
final class HealthEndpoint implements AutoCloseable {
  private static final String PATH = "/healthz";
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
   * @param port 0 = not at all
   * @param trouble what is wrong, in words; empty while nothing is
   * @throws IllegalStateException if the port cannot be had
   */
  static HealthEndpoint start(int port, Supplier<Optional<String>> trouble) {
    if (port == 0) {
      return new HealthEndpoint(Optional.empty());
    }
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
      server.createContext("/", exchange -> answer(exchange, trouble));
      server.start();
      return new HealthEndpoint(Optional.of(server));
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalStateException(
          "--health-port " + port + " cannot be listened on: " + e.getMessage(), e);
    }
  }

  /** Whether there is a port to ask at. */
  boolean listens() {
    return server.isPresent();
  }

  private static void answer(HttpExchange exchange, Supplier<Optional<String>> trouble)
      throws IOException {
    if (!exchange.getRequestURI().getPath().equals(PATH)) {
      send(exchange, NOT_FOUND, "only " + PATH + " is here");
    } else if (!exchange.getRequestMethod().equals("GET")) {
      send(exchange, METHOD_NOT_ALLOWED, "only GET");
    } else {
      Optional<String> why = trouble.get();
      send(exchange, why.isEmpty() ? OK : UNAVAILABLE, why.orElse("ok"));
    }
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = (text + "\n").getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
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
