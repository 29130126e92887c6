package dev.fovea.schema;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.kafka.common.errors.SerializationException;

/**
 * Avro's single-object encoding: {@code C3 01}, then the CRC-64-AVRO fingerprint of the writer's
 * schema, little-endian. A fingerprint is looked up among the released versions of the record, so
 * that no schema ever comes with a record.
 *
 * @see <a href="https://avro.apache.org/docs/1.12.0/specification/#single-object-encoding">the
 *     specification</a>
 */
final class SingleObjectFormat implements WireFormat {
  private static final int HEADER_BYTES = 10;
  static final byte MARKER_0 = (byte) 0xC3;
  private static final byte MARKER_1 = 0x01;

  private final String record;
  private final byte[] header;
  private final Map<Long, Schema> byFingerprint = new HashMap<>();

  SingleObjectFormat(Schema current) {
    this.record = current.getName();
    this.header = header(current);
    for (Schema schema : ReleasedSchemas.of(current)) {
      byFingerprint.put(SchemaNormalization.parsingFingerprint64(schema), schema);
    }
    byFingerprint.put(SchemaNormalization.parsingFingerprint64(current), current);
  }

  @Override
  public int headerBytes() {
    return HEADER_BYTES;
  }

  @Override
  public void writeHeader(String topic, Schema schema, OutputStream out) {
    try {
      out.write(header);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Schema writerSchema(String topic, byte[] bytes) {
    if (bytes.length < HEADER_BYTES || bytes[0] != MARKER_0 || bytes[1] != MARKER_1) {
      throw new SerializationException(
          topic
              + ": not Avro single-object encoding, which starts with C3 01 and 8 bytes of schema"
              + " fingerprint"
              + (bytes.length > 0 && bytes[0] == ConfluentFormat.MAGIC
                  ? "; the sender seems to use a schema registry: set kafka.registry-url here too"
                  : ""));
    }
    long fingerprint = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(2);
    Schema schema = byFingerprint.get(fingerprint);
    if (schema == null) {
      throw new SerializationException(
          "%s: written with schema fingerprint %016x, which is no version of %s known here"
              .formatted(topic, fingerprint, record));
    }
    return schema;
  }

  private static byte[] header(Schema schema) {
    return ByteBuffer.allocate(HEADER_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(MARKER_0)
        .put(MARKER_1)
        .putLong(SchemaNormalization.parsingFingerprint64(schema))
        .array();
  }
}
