package dev.fovea.schema;

import java.io.OutputStream;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.SerializationException;

/** How the first bytes of a record say with which schema the rest was written. */
interface WireFormat {

  /** Bytes before the record's own. */
  int headerBytes();

  /**
   * Writes the header of a record of {@code schema}.
   *
   * @throws SchemaRegistryUnavailableException if a registry had to be asked and did not answer
   */
  void writeHeader(String topic, Schema schema, OutputStream out);

  /**
   * The schema that the header of {@code bytes} names: the same instance each time.
   *
   * @throws SerializationException if there is no such header, or its schema is not known
   * @throws SchemaRegistryUnavailableException if a registry had to be asked and did not answer
   */
  Schema writerSchema(String topic, byte[] bytes);
}
