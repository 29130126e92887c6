package dev.fovea.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topic;
import dev.fovea.schema.TopicCreator;
import dev.fovea.schema.Topics;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicCreatorIT {
  @TempDir static Path folder;
  private static EmbeddedBroker broker;

  @BeforeAll
  static void start() {
    broker = EmbeddedBroker.start(folder);
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @Test
  void topicsAreMadeAsConfiguredAndASecondTimeChangesNothing() throws Exception {
    KafkaSettings kafka = kafka("a.", "partitions = 3, topics.frames.retention = 10 minutes");
    try (Admin admin = Admin.create(kafka.adminProperties("test", Map.of()))) {
      ensureAll(admin, kafka);
      ensureAll(admin, kafka("a.", "partitions = 3, topics.frames.retention = 1 day"));

      assertThat(partitions(admin, "a.frames")).isEqualTo(3);
      assertThat(partitions(admin, "a.models")).isEqualTo(1);
      Config frames = config(admin, "a.frames");
      assertThat(frames.get("retention.ms").value()).isEqualTo("600000");
      assertThat(frames.get("segment.ms").value()).isEqualTo("300000");
      assertThat(frames.get("max.message.bytes").value())
          .isEqualTo(Integer.toString(Topics.MAX_RECORD_BYTES));
      assertThat(config(admin, "a.cameras").get("cleanup.policy").value()).isEqualTo("compact");
    }
  }

  @Test
  void anotherPartitionCountIsKeptWhereAllTopicsKeyedByCameraShareIt() throws Exception {
    KafkaSettings old = kafka("b.", "partitions = 2");
    try (Admin admin = Admin.create(old.adminProperties("test", Map.of()))) {
      ensureAll(admin, old);
      ensureAll(admin, kafka("b.", "partitions = 5"));

      assertThat(partitions(admin, "b.frames")).isEqualTo(2);
    }
  }

  @Test
  void topicsKeyedByCameraWithDifferentPartitionCountsAreRefused() throws Exception {
    KafkaSettings kafka = kafka("c.", "partitions = 3");
    try (Admin admin = Admin.create(kafka.adminProperties("test", Map.of()))) {
      admin
          .createTopics(List.of(new NewTopic("c.frames", Optional.of(2), Optional.empty())))
          .all()
          .get();

      // The sink needs no frames topic, and still must not start beside one of another width.
      assertThatThrownBy(
              () ->
                  new TopicCreator(admin, kafka)
                      .ensure(List.<Topic<?, ?>>of(new Topics(kafka).detections())))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith(
              "topics keyed by camera need the same number of partitions, and have c.detections:"
                  + " 3, c.frames: 2; ");
    }
  }

  @Test
  void aTopicThatKafkaRefusesIsOneSentence() throws Exception {
    KafkaSettings kafka = kafka("d.", "replication-factor = 7");
    try (Admin admin = Admin.create(kafka.adminProperties("test", Map.of()))) {
      assertThatThrownBy(
              () ->
                  new TopicCreator(admin, kafka)
                      .ensure(List.<Topic<?, ?>>of(new Topics(kafka).frames())))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("topic d.frames could not be created: ")
          .hasMessageContaining("replication factor");
    }
  }

  private static void ensureAll(Admin admin, KafkaSettings kafka) throws InterruptedException {
    Topics topics = new Topics(kafka);
    new TopicCreator(admin, kafka)
        .ensure(
            List.of(
                topics.frames(),
                topics.detections(),
                topics.counts(),
                topics.cameras(),
                topics.models(),
                topics.deadLetters()));
  }

  private static KafkaSettings kafka(String prefix, String more) {
    return KafkaSettings.from(
        ConfigFactory.parseString(
            "topic-prefix = \"%s\", bootstrap.servers = \"%s\", %s"
                .formatted(prefix, broker.bootstrapServers(), more)));
  }

  private static int partitions(Admin admin, String topic) throws Exception {
    return admin
        .describeTopics(List.of(topic))
        .allTopicNames()
        .get()
        .values()
        .iterator()
        .next()
        .partitions()
        .size();
  }

  private static Config config(Admin admin, String topic) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    return admin.describeConfigs(List.of(resource)).all().get().values().iterator().next();
  }
}
