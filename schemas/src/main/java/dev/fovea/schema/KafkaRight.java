package dev.fovea.schema;

import java.util.Locale;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;

/**
 * A right that a service needs, where Kafka has an authorizer.
 *
 * @param operation what it does
 * @param resource what kind of thing it does it to
 * @param name the thing's name, prefix included
 */
public record KafkaRight(AclOperation operation, ResourceType resource, String name) {

  public static KafkaRight read(Topic<?, ?> topic) {
    return new KafkaRight(AclOperation.READ, ResourceType.TOPIC, topic.name());
  }

  public static KafkaRight write(Topic<?, ?> topic) {
    return new KafkaRight(AclOperation.WRITE, ResourceType.TOPIC, topic.name());
  }

  public static KafkaRight onTopic(AclOperation operation, String topic) {
    return new KafkaRight(operation, ResourceType.TOPIC, topic);
  }

  public static KafkaRight onGroup(AclOperation operation, String groupId) {
    return new KafkaRight(operation, ResourceType.GROUP, groupId);
  }

  /** As a person says it: {@code WRITE on topic fovea.frames}. */
  @Override
  public String toString() {
    return operation
        + " on "
        + resource.name().toLowerCase(Locale.ROOT).replace('_', ' ')
        + " "
        + name;
  }
}
