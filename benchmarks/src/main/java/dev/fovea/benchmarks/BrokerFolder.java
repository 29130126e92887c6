package dev.fovea.benchmarks;

import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topic;
import dev.fovea.schema.TopicCreator;
import dev.fovea.standalone.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;

/** A real broker on a folder of its own, which goes with it. */
final class BrokerFolder implements AutoCloseable {
  private static final int PARTITIONS = 6;

  private final Path folder;
  private final EmbeddedBroker broker;
  private int prefixes;

  BrokerFolder() throws IOException {
    this.folder = Files.createTempDirectory("fovea-bench");
    this.broker = EmbeddedBroker.start(folder);
  }

  /** Topics that nobody has used before. */
  KafkaSettings freshTopics() {
    return new KafkaSettings(
        "bench-" + ++prefixes + ".",
        PARTITIONS,
        (short) 1,
        Optional.empty(),
        Map.of("bootstrap.servers", broker.bootstrapServers()));
  }

  /** Makes topics. */
  static void create(KafkaSettings kafka, Topic<?, ?>... topics) throws InterruptedException {
    try (Admin admin = Admin.create(kafka.clientProperties(Map.of()))) {
      new TopicCreator(admin, kafka).ensure(List.of(topics));
    }
  }

  @Override
  public void close() throws IOException {
    broker.close();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
