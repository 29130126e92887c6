package dev.fovea.sink.store;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ContainerFetchException;
import org.testcontainers.containers.GenericContainer;

/** The contract on the server image of docker-compose.yml, where a Docker engine answers. */
class PostgresContainerStoreIT extends PostgresStoreContract {
  private static final Path COMPOSE = Path.of("../docker-compose.yml");
  private static final Pattern IMAGE = Pattern.compile("(?m)^ *image: (postgres:\\S+)$");
  private static final int PORT = 5432;
  private static final String PASSWORD = "of-a-test";

  private static @Nullable GenericContainer<?> container;

  @BeforeAll
  static void startContainer() throws IOException {
    Optional<String> missing = start(image());
    missing.ifPresent(why -> System.out.println("PostgreSQL in a container skipped: " + why));
    assumeTrue(missing.isEmpty(), missing::orElseThrow);
    awaitServer(address(), PASSWORD);
  }

  /** Why it cannot be run here; empty once it is started. */
  private static Optional<String> start(String image) {
    if (!DockerClientFactory.instance().isDockerAvailable()) {
      return Optional.of("no Docker engine answers");
    }
    GenericContainer<?> postgres =
        new GenericContainer<>(image)
            .withEnv("POSTGRES_USER", USER)
            .withEnv("POSTGRES_PASSWORD", PASSWORD)
            .withExposedPorts(PORT);
    container = postgres;
    try {
      postgres.start();
      return Optional.empty();
    } catch (ContainerFetchException e) {
      return Optional.of("the image " + image + " cannot be had; .ci/images builds a stand-in");
    }
  }

  private static String image() throws IOException {
    Matcher named = IMAGE.matcher(Files.readString(COMPOSE));
    if (!named.find()) {
      throw new IOException(COMPOSE + " names no image of postgres");
    }
    return named.group(1);
  }

  @AfterAll
  static void stopContainer() {
    if (container != null) {
      container.stop();
    }
  }

  private static String address() {
    GenericContainer<?> started = container;
    if (started == null) {
      throw new IllegalStateException("the container is not started");
    }
    return started.getHost() + ":" + started.getMappedPort(PORT);
  }

  @Override
  String server() {
    return address();
  }

  @Override
  String password() {
    return PASSWORD;
  }
}
