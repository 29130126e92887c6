package dev.fovea.standalone;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse;
import dev.fovea.schema.KafkaSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ComposeContainer;

/**
 * The stack of {@code docker-compose.yml} with three brokers and two detectors, on ports of its
 * own, and what can befall its containers.
 */
final class ComposeStack implements AutoCloseable {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern OTHERS_IMAGE =
      Pattern.compile("(?m)^ *(?:image: |ARG BASE=|ARG MAVEN=)((?!fovea/)\\S+)$");
  private static final Duration START = Duration.ofMinutes(6);

  private final DockerClient docker = DockerClientFactory.lazyClient();
  private final ComposeContainer compose;
  private final List<Integer> ports;

  private ComposeStack(ComposeContainer compose, List<Integer> ports) {
    this.compose = compose;
    this.ports = ports;
  }

  /** Why containers cannot be run here; empty where they can. */
  static Optional<String> missing() {
    if (!DockerClientFactory.instance().isDockerAvailable()) {
      return Optional.of("no Docker engine answers");
    }
    try {
      return succeeds("docker", "compose", "version")
          ? missingImage()
          : Optional.of("docker compose is not installed");
    } catch (IOException e) {
      return Optional.of("the docker command is not installed");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted");
    }
  }

  /** The first image of others' that is neither here nor can be pulled. */
  private static Optional<String> missingImage() throws IOException, InterruptedException {
    for (String file : List.of("docker-compose.yml", "containers/Dockerfile")) {
      Matcher images = OTHERS_IMAGE.matcher(Files.readString(ROOT.resolve(file)));
      while (images.find()) {
        String image = images.group(1);
        if (!succeeds("docker", "image", "inspect", image)
            && !succeeds("docker", "pull", "-q", image)) {
          return Optional.of(
              "the image "
                  + image
                  + " is not here and cannot be pulled (.ci/images builds a stand-in)");
        }
      }
    }
    return Optional.empty();
  }

  private static boolean succeeds(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor()
        == 0;
  }

  /**
   * Builds the images from what {@code mvn package} left, and brings the stack up.
   *
   * @param site folder mounted as {@code /site}
   */
  static ComposeStack start(Path site) {
    List<Integer> ports = freePorts(5);
    ComposeContainer compose =
        new ComposeContainer("foveait", ROOT.resolve("docker-compose.yml").toFile())
            .withOptions("--env-file " + ROOT.resolve("containers/cluster.env"))
            .withEnv(
                Map.of(
                    "FOVEA_DIST", "prebuilt",
                    "FOVEA_TAG", "it",
                    "FOVEA_SITE", site.toString(),
                    "FOVEA_KAFKA_PORT", ports.get(0).toString(),
                    "FOVEA_KAFKA_2_PORT", ports.get(1).toString(),
                    "FOVEA_KAFKA_3_PORT", ports.get(2).toString(),
                    "FOVEA_REGISTRY_PORT", ports.get(3).toString(),
                    "FOVEA_HTTP_PORT", ports.get(4).toString()))
            .withPull(false)
            .withBuild(true)
            .withServices(
                "kafka", "kafka-2", "kafka-3", "registry", "postgres", "ingest", "detector", "sink")
            .withScaledService("detector", 2)
            .withStartupTimeout(START);
    ComposeStack stack = new ComposeStack(compose, ports);
    try {
      compose.start();
      return stack;
    } catch (RuntimeException e) {
      stack.close();
      throw e;
    }
  }

  /** For clients on this machine. */
  KafkaSettings kafka() {
    return new KafkaSettings(
        "fovea.",
        6,
        (short) 3,
        Optional.of("http://127.0.0.1:" + ports.get(3) + "/apis/registry/v3"),
        Map.of(
            "bootstrap.servers",
            "localhost:%d,localhost:%d,localhost:%d"
                .formatted(ports.get(0), ports.get(1), ports.get(2))));
  }

  /** A page of the registry's Confluent-compatible API. */
  String registry(String path) {
    return "http://127.0.0.1:" + ports.get(3) + "/apis/ccompat/v7" + path;
  }

  /** A page of the dashboard's server. */
  String sink(String path) {
    return "http://127.0.0.1:" + ports.get(4) + path;
  }

  InspectContainerResponse inspect(String container) {
    return docker.inspectContainerCmd(id(container)).exec();
  }

  /** Sends a signal, such as {@code KILL} or {@code STOP}. */
  void signal(String container, String signal) {
    docker.killContainerCmd(id(container)).withSignal(signal).exec();
  }

  /** Stops in order; the time it took. */
  Duration stop(String container) {
    long started = System.nanoTime();
    docker.stopContainerCmd(id(container)).withTimeout(30).exec();
    return Duration.ofNanos(System.nanoTime() - started);
  }

  void start(String container) {
    docker.startContainerCmd(id(container)).exec();
  }

  /** Pulls the network cable. */
  void disconnect(String container) {
    docker
        .disconnectFromNetworkCmd()
        .withContainerId(id(container))
        .withNetworkId(network())
        .withForce(true)
        .exec();
  }

  void connect(String container) {
    docker.connectToNetworkCmd().withContainerId(id(container)).withNetworkId(network()).exec();
  }

  /** Waits until the container's own health check says that it works. */
  void awaitHealthy(String container) {
    Awaitility.await(container + " healthy")
        .atMost(Duration.ofMinutes(3))
        .pollInterval(500, TimeUnit.MILLISECONDS)
        .until(() -> "healthy".equals(inspect(container).getState().getHealth().getStatus()));
  }

  /** The network that the services share. */
  String network() {
    return inspect("sink-1").getNetworkSettings().getNetworks().keySet().iterator().next();
  }

  private String id(String container) {
    return compose
        .getContainerByServiceName(container)
        .orElseThrow(() -> new IllegalStateException("there is no container " + container))
        .getContainerId();
  }

  private static List<Integer> freePorts(int count) {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      List<Integer> ports = sockets.stream().map(ServerSocket::getLocalPort).toList();
      for (ServerSocket socket : sockets) {
        socket.close();
      }
      return ports;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Keeps what the containers said in {@code log}, for whoever must find out why a test failed. */
  void keepLogs(Path log, String... containers) throws IOException {
    StringBuilder said = new StringBuilder();
    for (String container : containers) {
      compose
          .getContainerByServiceName(container)
          .ifPresent(
              c ->
                  said.append("== ")
                      .append(container)
                      .append('\n')
                      .append(c.getLogs())
                      .append('\n'));
    }
    Files.writeString(log, said);
  }

  @Override
  public void close() {
    compose.stop();
  }
}
