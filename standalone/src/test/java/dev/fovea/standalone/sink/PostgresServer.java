package dev.fovea.standalone.sink;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A private PostgreSQL server that can be stopped and started, made in a temporary folder from
 * Debian's package. As root it runs as the user {@code postgres}, for the server refuses root.
 */
final class PostgresServer implements AutoCloseable {
  private static final String USER = "fovea";

  private final Path binaries;
  private final Path folder;
  private final int port;
  private @Nullable Process server;

  private PostgresServer(Path binaries, Path folder, int port) {
    this.binaries = binaries;
    this.folder = folder;
    this.port = port;
  }

  /** The server's programs, if they are installed. */
  static Optional<Path> binaries() throws IOException {
    Path versions = Path.of("/usr/lib/postgresql");
    if (!Files.isDirectory(versions)) {
      return Optional.empty();
    }
    try (Stream<Path> found = Files.list(versions)) {
      return found
          .map(version -> version.resolve("bin"))
          .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
          .max(Comparator.naturalOrder());
    }
  }

  /** Makes a database cluster whose one user must give {@code password}, and starts it. */
  static PostgresServer start(Path binaries, String password) throws Exception {
    Path folder = Files.createTempDirectory("fovea-postgres");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path passwordFile = Files.writeString(folder.resolve("password"), password);
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    PostgresServer server = new PostgresServer(binaries, folder, port);
    Process init =
        server.run(
            binaries
                + "/initdb -D data -U fovea -A scram-sha-256 --no-sync -E UTF8 --locale=C --pwfile="
                + passwordFile);
    if (init.waitFor() != 0) {
      throw new IOException("initdb failed: " + Files.readString(folder.resolve("log")));
    }
    server.start();
    await()
        .atMost(60, TimeUnit.SECONDS)
        .ignoreExceptions()
        .until(
            () -> {
              DriverManager.getConnection(server.url(), USER, password).close();
              return true;
            });
    return server;
  }

  /** Of the database that every cluster has. */
  String url() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
  }

  String user() {
    return USER;
  }

  void start() throws IOException {
    server =
        run("exec " + binaries + "/postgres -D data -p " + port + " -h 127.0.0.1 -F -k " + folder);
  }

  /** As a power cut does: no transaction is finished, connections break. */
  void stopAtOnce() throws IOException, InterruptedException {
    if (run(binaries + "/pg_ctl stop -D data -m immediate").waitFor() != 0) {
      throw new IOException("pg_ctl failed: " + Files.readString(folder.resolve("log")));
    }
    Process stopped = server;
    if (stopped != null) {
      stopped.waitFor(20, TimeUnit.SECONDS);
    }
    server = null;
  }

  @Override
  public void close() throws IOException {
    if (server != null) {
      try {
        stopAtOnce();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }

  private Process run(String command) throws IOException {
    boolean root = "root".equals(System.getProperty("user.name"));
    ProcessBuilder builder =
        root
            ? new ProcessBuilder("runuser", "-u", "postgres", "--", "sh", "-c", command)
            : new ProcessBuilder("sh", "-c", command);
    return builder
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
        .start();
  }
}
