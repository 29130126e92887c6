package dev.fovea.standalone;

import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.TopicCreator;
import dev.fovea.schema.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;

/** Topics of a test's own on a shared broker, and detectors' configurations for them. */
record DetectorSite(KafkaSettings kafka, Path log) {

  static DetectorSite create(EmbeddedBroker broker, String name, Path folder)
      throws InterruptedException {
    KafkaSettings kafka =
        new KafkaSettings(
            name + ".",
            3,
            (short) -1,
            Optional.empty(),
            Map.of("bootstrap.servers", broker.bootstrapServers()));
    Topics topics = new Topics(kafka);
    try (Admin admin = Admin.create(kafka.adminProperties("test", Map.of()))) {
      new TopicCreator(admin, kafka)
          .ensure(List.of(topics.frames(), topics.detections(), topics.deadLetters()));
    }
    return new DetectorSite(kafka, folder.resolve(name + ".log"));
  }

  TestFrames frames() {
    return frames(Duration.ZERO);
  }

  /** Frames that were captured {@code age} ago. */
  TestFrames frames(Duration age) {
    return new TestFrames(kafka, 640, 360, ScriptedModel::picture, age);
  }

  /** The consumer group of its detectors. */
  String group() {
    return kafka.topicPrefix() + "detector";
  }

  /** A detector's configuration for these topics; a dead worker is missed after 6 s. */
  String config(String more) {
    return configOf("kafka.session.timeout.ms = 6000, kafka.heartbeat.interval.ms = 500\n" + more);
  }

  /** The same with Kafka's new group protocol, where the broker says when a worker is missed. */
  String newProtocolConfig(String more) {
    return configOf("kafka.group.protocol = consumer\n" + more);
  }

  private String configOf(String more) {
    return """
        group = "%s"
        batch { max-frames = 8, max-wait = 5 ms }
        kafka {
          bootstrap.servers = "%s"
          topic-prefix = "%s"
        }
        %s
        """
        .formatted(group(), kafka.bootstrapServers(), kafka.topicPrefix(), more);
  }
}
