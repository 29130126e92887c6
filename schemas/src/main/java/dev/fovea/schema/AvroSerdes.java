package dev.fovea.schema;

import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
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
    return new RecordSerde<>(type, schema, data, format(schema));
  }

  /**
   * Reads records of {@code type} as {@code view}, a record of some of its fields whose schema has
   * {@code type}'s name as an alias: what is not in the view is skipped and costs next to nothing.
   * Errors are as above.
   */
  <T extends SpecificRecord> Deserializer<T> view(
      Class<T> view, Class<? extends SpecificRecord> type) {
    SpecificData data = SpecificData.getForClass(view);
    WireFormat format = format(SpecificData.getForClass(type).getSchema(type));
    return new RecordSerde<>(view, data.getSchema(view), data, format);
  }

  private WireFormat format(Schema schema) {
    return registry.isPresent()
        ? new ConfluentFormat(registry.get(), schema)
        : new SingleObjectFormat(schema);
  }
}
