package dev.fovea.schema;

import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.Serde;

/**
 * A Kafka topic as a contract: what it is called, what its records are, and how it is made.
 *
 * @param name the full name, prefix included
 * @param keySerde serde of the keys
 * @param valueSerde serde of the values; one instance may be shared between threads
 * @param partitions partitions it is created with; the same for all topics keyed by camera
 * @param configs topic-level configuration it is created with (retention, clean-up policy, message
 *     size)
 */
public record Topic<K, V>(
    String name,
    Serde<K> keySerde,
    Serde<V> valueSerde,
    int partitions,
    Map<String, String> configs) {

  public Topic {
    configs = Map.copyOf(configs);
    if (partitions < 1) {
      throw new IllegalArgumentException(name + ": partitions must be at least 1: " + partitions);
    }
  }

  /** Name, partitions and configuration, for a person. */
  @Override
  public String toString() {
    return "topic " + name + " (" + partitions + " partitions, " + new TreeMap<>(configs) + ")";
  }
}
