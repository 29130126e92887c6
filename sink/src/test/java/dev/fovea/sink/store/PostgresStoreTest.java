package dev.fovea.sink.store;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * The contract on a private PostgreSQL server, made in a temporary folder from Debian's package. As
 * root it runs as the user {@code postgres}, for the server refuses root.
 */
class PostgresStoreTest extends PostgresStoreContract {
  private static Path folder;
  private static Process server;
  private static int port;

  @BeforeAll
  static void startServer() throws IOException, InterruptedException {
    Optional<Path> bin = binaries();
    assumeTrue(bin.isPresent(), "PostgreSQL is not installed: apt-get install postgresql");
    folder = Files.createTempDirectory("fovea-postgres");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    Path data = folder.resolve("data");
    Process init =
        run(
            bin.get()
                + "/initdb -D "
                + data
                + " -U "
                + USER
                + " -A trust --no-sync -E UTF8 --locale=C");
    assumeTrue(init.waitFor() == 0, "initdb failed; its output is above");
    server =
        run(
            "exec "
                + bin.get()
                + "/postgres -D "
                + data
                + " -p "
                + port
                + " -h 127.0.0.1 -F -k "
                + folder);
    awaitServer(address(), "");
  }

  @AfterAll
  static void stopServer() throws IOException, InterruptedException {
    if (server != null) {
      server.descendants().forEach(ProcessHandle::destroy);
      server.destroy();
      server.waitFor(20, TimeUnit.SECONDS);
    }
    if (folder != null) {
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
  }

  private static String address() {
    return "127.0.0.1:" + port;
  }

  @Override
  String server() {
    return address();
  }

  @Override
  String password() {
    return "";
  }

  private static Process run(String command) throws IOException {
    boolean root = "root".equals(System.getProperty("user.name"));
    ProcessBuilder builder =
        root
            ? new ProcessBuilder("runuser", "-u", "postgres", "--", "sh", "-c", command)
            : new ProcessBuilder("sh", "-c", command);
    return builder
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile())
        .start();
  }

  private static Optional<Path> binaries() throws IOException {
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
}
