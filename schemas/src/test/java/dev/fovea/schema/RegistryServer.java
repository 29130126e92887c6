package dev.fovea.schema;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * Apicurio's registry server as a process of its own, with its storage in memory, on a port of its
 * own. The build unpacks it into {@code target/registry-server}.
 */
final class RegistryServer implements AutoCloseable {
  private static final Path HOME = Path.of("target/registry-server");

  private final Process process;
  private final int port;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  private RegistryServer(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** The server's jar, if the build could fetch it. */
  static Optional<Path> jar() throws IOException {
    if (!Files.isDirectory(HOME)) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.list(HOME)) {
      return files.filter(f -> f.toString().endsWith("-runner.jar")).findFirst();
    }
  }

  /** Starts it and returns when it answers: 6 s, more where the machine is busy. */
  static RegistryServer start(Path jar, Path log) throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx192m",
                "-XX:TieredStopAtLevel=1",
                "-Dquarkus.http.host=127.0.0.1",
                "-Dquarkus.http.port=" + port,
                "-jar",
                jar.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    RegistryServer server = new RegistryServer(process, port);
    try {
      Awaitility.await("the registry server; its log is " + log)
          .atMost(Duration.ofMinutes(4))
          .pollInterval(Duration.ofMillis(250))
          .until(server::answers);
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
    return server;
  }

  /** For {@code kafka.registry-url}. */
  String url() {
    return "http://127.0.0.1:" + port + "/apis/registry/v3";
  }

  /** Asks the Confluent-compatible API, as other ecosystems' clients do. */
  HttpResponse<String> confluent(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/apis/ccompat/v7" + path))
            .timeout(Duration.ofMinutes(2))
            .header("Content-Type", "application/vnd.schemaregistry.v1+json")
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build();
    return http.send(request, BodyHandlers.ofString());
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private boolean answers() throws IOException, InterruptedException {
    if (!process.isAlive()) {
      throw new IllegalStateException("the registry server has ended with " + process.exitValue());
    }
    try {
      return confluent("GET", "/subjects", "").statusCode() == 200;
    } catch (ConnectException e) {
      return false;
    }
  }
}
