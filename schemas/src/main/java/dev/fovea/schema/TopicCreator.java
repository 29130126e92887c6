package dev.fovea.schema;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * Creates the topics that a service needs, at its start. Calling it again, or from two services at
 * once, is harmless.
 */
public final class TopicCreator {
  private final Admin admin;
  private final KafkaSettings kafka;

  public TopicCreator(Admin admin, KafkaSettings kafka) {
    this.admin = admin;
    this.kafka = kafka;
  }

  /** Creates those of {@code topics} that are missing and returns when they exist. */
  public void ensure(List<Topic<?, ?>> topics) throws InterruptedException {
    List<NewTopic> wanted = new ArrayList<>();
    for (Topic<?, ?> topic : topics) {
      Optional<Short> replicas =
          kafka.replicationFactor() < 0 ? Optional.empty() : Optional.of(kafka.replicationFactor());
      Map<String, String> configs = new HashMap<>(topic.configs());
      wanted.add(
          new NewTopic(topic.name(), Optional.of(topic.partitions()), replicas).configs(configs));
    }
    for (var result : admin.createTopics(wanted).values().entrySet()) {
      try {
        result.getValue().get();
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw new IllegalStateException(
              "topic " + result.getKey() + " could not be created: " + e.getMessage(),
              e.getCause());
        }
      }
    }
  }
}
