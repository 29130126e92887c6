package dev.fovea.standalone;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.utils.Time;

/**
 * A real Kafka broker in this JVM: one KRaft node (broker and controller) on the loopback interface
 * with a data folder of its own, which a later start takes up again. For demos and tests; a site
 * runs Kafka as its own processes.
 */
public final class EmbeddedBroker implements AutoCloseable {
  /** Constant, so that a data folder can be taken up by a later start. */
  private static final String CLUSTER_ID = "Rm92ZWFFbWJlZGRlZEsxQQ";

  private final KafkaRaftServer server;
  private final int port;

  private EmbeddedBroker(KafkaRaftServer server, int port) {
    this.server = server;
    this.port = port;
  }

  /** Starts a broker on any free port. */
  public static EmbeddedBroker start(Path dataFolder) {
    return start(dataFolder, 0);
  }

  /** Starts a broker; {@code port} 0 means any free one. */
  public static EmbeddedBroker start(Path dataFolder, int port) {
    return start(dataFolder, port, Map.of());
  }

  /**
   * Starts a broker and returns when it takes requests (2 to 4 s).
   *
   * @param dataFolder where its logs lie; created if absent, taken up if present
   * @param port port on 127.0.0.1; 0 means any free one
   * @param overrides broker properties on top of Fovea's own
   * @throws PortTakenException if something listens on {@code port}
   */
  public static EmbeddedBroker start(Path dataFolder, int port, Map<String, String> overrides) {
    int brokerPort = port == 0 ? freePort() : requireFree(port);
    Properties properties = properties(dataFolder, brokerPort, freePort());
    properties.putAll(overrides);
    try {
      Files.createDirectories(dataFolder);
      format(dataFolder, properties);
    } catch (IOException e) {
      throw new UncheckedIOException("broker data folder " + dataFolder + ": " + e.getMessage(), e);
    }
    KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(properties), Time.SYSTEM);
    server.startup();
    return new EmbeddedBroker(server, brokerPort);
  }

  /** The address for {@code bootstrap.servers}. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  public int port() {
    return port;
  }

  /** Stops in order; the data folder stays. */
  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
  }

  private static Properties properties(Path dataFolder, int brokerPort, int controllerPort) {
    Properties p = new Properties();
    p.put("process.roles", "broker,controller");
    p.put("node.id", "1");
    p.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
    p.put("controller.listener.names", "CONTROLLER");
    p.put(
        "listeners",
        "CLIENT://127.0.0.1:" + brokerPort + ",CONTROLLER://127.0.0.1:" + controllerPort);
    p.put("advertised.listeners", "CLIENT://127.0.0.1:" + brokerPort);
    p.put("listener.security.protocol.map", "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    p.put("inter.broker.listener.name", "CLIENT");
    p.put("log.dirs", dataFolder.resolve("log").toString());
    // A single node: every internal topic has one replica, and few partitions keep the start short.
    p.put("offsets.topic.replication.factor", "1");
    p.put("offsets.topic.num.partitions", "4");
    p.put("transaction.state.log.replication.factor", "1");
    p.put("transaction.state.log.min.isr", "1");
    p.put("transaction.state.log.num.partitions", "4");
    p.put("share.coordinator.state.topic.replication.factor", "1");
    p.put("share.coordinator.state.topic.min.isr", "1");
    p.put("default.replication.factor", "1");
    p.put("auto.create.topics.enable", "false");
    p.put("group.initial.rebalance.delay.ms", "0");
    // The cleaner's default buffer is 128 MiB of heap; its minimum does for a demo.
    p.put("log.cleaner.dedupe.buffer.size", "2097152");
    p.put("log.retention.check.interval.ms", "30000");
    p.put("message.max.bytes", "8388608");
    return p;
  }

  private static void format(Path dataFolder, Properties properties) throws IOException {
    Path file = dataFolder.resolve("server.properties");
    try (var out = Files.newBufferedWriter(file)) {
      properties.store(out, "Written by Fovea at every start");
    }
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int status =
        StorageTool.execute(
            new String[] {"format", "-c", file.toString(), "-t", CLUSTER_ID, "--ignore-formatted"},
            new PrintStream(said, true, StandardCharsets.UTF_8));
    if (status != 0) {
      throw new IOException("could not be formatted: " + said.toString(StandardCharsets.UTF_8));
    }
  }

  private static int requireFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return port;
    } catch (IOException e) {
      throw new PortTakenException(port, e);
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("no free port on the loopback interface", e);
    }
  }

  /** Something else listens on the wanted port. */
  public static final class PortTakenException extends RuntimeException {
    private final int port;

    PortTakenException(int port, Throwable cause) {
      super("port " + port + " is taken", cause);
      this.port = port;
    }

    public int port() {
      return port;
    }
  }
}
