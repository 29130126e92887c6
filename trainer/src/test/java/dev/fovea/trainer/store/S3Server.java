package dev.fovea.trainer.store;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;

/**
 * S3Proxy as a process of its own: a real S3 server that keeps a bucket as a folder and checks
 * signatures. The build puts its jar under {@code target/s3proxy}.
 */
final class S3Server implements AutoCloseable {
  static final String IDENTITY = "fovea-test";
  static final String SECRET = "hush-s3-4711";

  private static final Path JAR = Path.of("target/s3proxy/s3proxy.jar");
  private static final Duration LONG = Duration.ofSeconds(90);

  private final Path folder;
  private final int port;
  private Process process;

  private S3Server(Path folder, int port) throws IOException {
    this.folder = folder;
    this.port = port;
    this.process = launch();
  }

  /** Starts one whose buckets are the folders in {@code folder}; returns when it answers. */
  static S3Server start(Path folder) throws IOException {
    if (!Files.isRegularFile(JAR)) {
      throw new IllegalStateException(
          JAR + " is not there: run this test by `mvn verify -Dit.test=…`, which fetches it");
    }
    Files.createDirectories(folder);
    S3Server server = new S3Server(folder, freePort());
    server.awaitAnswer();
    return server;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private Process launch() throws IOException {
    Path settings =
        Files.writeString(
            folder.resolveSibling(folder.getFileName() + ".properties"),
            """
            s3proxy.endpoint=http://127.0.0.1:%d
            s3proxy.authorization=aws-v2-or-v4
            s3proxy.identity=%s
            s3proxy.credential=%s
            jclouds.provider=filesystem-nio2
            jclouds.filesystem.basedir=%s
            """
                .formatted(port, IDENTITY, SECRET, folder.toAbsolutePath()));
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-Xmx256m",
            "-cp",
            JAR.toString(),
            "org.gaul.s3proxy.Main",
            "--properties",
            settings.toString())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolveSibling(folder.getFileName() + ".log").toFile())
        .start();
  }

  private void awaitAnswer() {
    HttpClient http = HttpClient.newHttpClient();
    HttpRequest request = HttpRequest.newBuilder(endpoint()).build();
    Awaitility.await()
        .atMost(LONG)
        .ignoreExceptions()
        .failFast("the S3 server has ended", () -> !process.isAlive())
        .until(() -> http.send(request, BodyHandlers.discarding()).statusCode() > 0);
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  int port() {
    return port;
  }

  /** Where a bucket's objects lie, by their keys. */
  Path bucket(String name) throws IOException {
    return Files.createDirectories(folder.resolve(name));
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** On the same port, with what is in the folder. */
  void startAgain() throws IOException {
    process = launch();
    awaitAnswer();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
