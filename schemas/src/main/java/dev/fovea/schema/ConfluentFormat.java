package dev.fovea.schema;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.SerializationException;

/**
 * Confluent's wire format: a zero byte, then the id that a schema registry gave the writer's
 * schema, 4 bytes, big-endian. Consumers of the whole ecosystem read it.
 */
final class ConfluentFormat implements WireFormat {
  static final byte MAGIC = 0;
  private static final int HEADER_BYTES = 5;

  private final SchemaRegistry registry;
  private final String recordFullName;

  ConfluentFormat(SchemaRegistry registry, Schema current) {
    this.registry = registry;
    this.recordFullName = current.getFullName();
  }

  @Override
  public int headerBytes() {
    return HEADER_BYTES;
  }

  @Override
  public void writeHeader(String topic, Schema schema, OutputStream out) {
    int id = registry.idOf(topic, schema);
    try {
      out.write(ByteBuffer.allocate(HEADER_BYTES).put(MAGIC).putInt(id).array());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Schema writerSchema(String topic, byte[] bytes) {
    if (bytes.length < HEADER_BYTES || bytes[0] != MAGIC) {
      throw new SerializationException(
          topic
              + ": not Confluent's wire format, which starts with a zero byte and 4 bytes of schema"
              + " id"
              + (bytes.length > 0 && bytes[0] == SingleObjectFormat.MARKER_0
                  ? "; the sender seems to use no schema registry: set kafka.registry-url there too"
                  : ""));
    }
    int id = ByteBuffer.wrap(bytes).getInt(1);
    Schema schema = registry.schemaOf(topic, id);
    if (!schema.getFullName().equals(recordFullName)) {
      throw new SerializationException(
          topic + ": schema " + id + " is of " + schema.getFullName() + ", not " + recordFullName);
    }
    return schema;
  }
}
