package dev.fovea.schema;

import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;

/**
 * Makes the serde of a record class: Confluent's wire format with a registry, else Avro
 * single-object encoding. Records are read with the schema they were written with, and resolved to
 * the class's own.
 */
public final class AvroSerdes {
  static {
    AvroLimits.apply();
  }

  private final Optional<SchemaRegistry> registry;

  /**
   * @param registryUrl of the registry's own API, such as {@code
   *     http://registry:8080/apis/registry/v3}; empty = no registry
   */
  public AvroSerdes(Optional<String> registryUrl) {
    this.registry = registryUrl.map(SchemaRegistry::new);
  }

  AvroSerdes(SchemaRegistry registry) {
    this.registry = Optional.of(registry);
  }

  /**
   * The serde of {@code type}. It may be shared between threads, needs no closing, and keeps null
   * (a tombstone) null. Bytes that are not such a record are a {@link SerializationException} that
   * names the topic and what is wrong with them; a registry that does not answer is a {@link
   * SchemaRegistryUnavailableException}, after a bounded wait.
   */
  public <T extends SpecificRecord> Serde<T> of(Class<T> type) {
    SpecificData data = SpecificData.getForClass(type);
    Schema schema = data.getSchema(type);
    WireFormat format =
        registry.isPresent()
            ? new ConfluentFormat(registry.get(), schema)
            : new SingleObjectFormat(schema);
    return new RecordSerde<>(type, schema, data, format);
  }
}
