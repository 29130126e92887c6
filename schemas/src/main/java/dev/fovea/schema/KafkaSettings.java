package dev.fovea.schema;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueType;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How a service reaches Kafka, from the {@code kafka} block of its configuration.
 *
 * @param topicPrefix what every topic's name starts with, such as {@code fovea.}
 * @param partitions partitions of the topics keyed by camera, where this service creates them
 * @param replicationFactor replicas of a topic that is created; -1 = the broker's default
 * @param registryUrl a schema registry (Confluent wire format); empty = Avro single-object encoding
 * @param clientProperties every other {@code kafka.*} key, handed to Kafka's clients as it is
 */
public record KafkaSettings(
    String topicPrefix,
    int partitions,
    short replicationFactor,
    Optional<String> registryUrl,
    Map<String, String> clientProperties) {

  public KafkaSettings {
    clientProperties = Map.copyOf(clientProperties);
  }

  /** Reads the {@code kafka} block; keys that are not Fovea's own are the clients'. */
  public static KafkaSettings from(Config kafka) {
    Map<String, String> client = new HashMap<>();
    kafka
        .withoutPath("topic-prefix")
        .withoutPath("partitions")
        .withoutPath("replication-factor")
        .withoutPath("registry-url")
        .entrySet()
        .forEach(
            e -> {
              if (e.getValue().valueType() != ConfigValueType.NULL) {
                client.put(unquote(e.getKey()), String.valueOf(e.getValue().unwrapped()));
              }
            });
    String registry = kafka.getString("registry-url");
    return new KafkaSettings(
        kafka.getString("topic-prefix"),
        kafka.getInt("partitions"),
        (short) kafka.getInt("replication-factor"),
        registry.isEmpty() ? Optional.empty() : Optional.of(registry),
        client);
  }

  /** A fresh, mutable copy of the client properties with {@code overrides} on top. */
  public Map<String, Object> clientProperties(Map<String, ?> overrides) {
    Map<String, Object> merged = new HashMap<>(clientProperties);
    merged.putAll(overrides);
    return merged;
  }

  private static String unquote(String path) {
    return path.replace("\"", "");
  }
}
