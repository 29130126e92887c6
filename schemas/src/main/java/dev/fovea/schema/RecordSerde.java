package dev.fovea.schema;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Avro records of one class in a wire format. May be shared between threads; each thread reuses its
 * own encoder, decoder and buffer, so that a record costs its own bytes once when written, and its
 * own contents once when read.
 */
final class RecordSerde<T extends SpecificRecord>
    implements Serde<T>, Serializer<T>, Deserializer<T> {
  private static final ThreadLocal<Workspace> WORKSPACE = ThreadLocal.withInitial(Workspace::new);

  private final String record;
  private final Schema schema;
  private final SpecificData data;
  private final WireFormat format;
  private final DatumWriter<T> writer;
  private final Map<Schema, DatumReader<T>> readers = new ConcurrentHashMap<>();

  RecordSerde(Class<T> type, Schema schema, SpecificData data, WireFormat format) {
    this.record = type.getSimpleName();
    this.schema = schema;
    this.data = data;
    this.format = format;
    this.writer = writer(data, schema);
  }

  @Override
  public Serializer<T> serializer() {
    return this;
  }

  @Override
  public Deserializer<T> deserializer() {
    return this;
  }

  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {}

  @Override
  public void close() {}

  @Override
  @SuppressWarnings("NullAway") // Kafka's contract: null, a tombstone, stays null.
  public byte[] serialize(String topic, @Nullable T value) {
    if (value == null) {
      return null;
    }
    Workspace workspace = WORKSPACE.get();
    Buffer buffer = workspace.emptyBuffer();
    format.writeHeader(topic, schema, buffer);
    try {
      // Direct: Avro's buffering encoder makes a copy of every picture.
      BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(buffer, workspace.encoder);
      workspace.encoder = encoder;
      writer.write(value, encoder);
      encoder.flush();
    } catch (IOException | RuntimeException e) {
      throw new SerializationException(
          topic + ": a " + record + " that can't be written: " + reason(e), e);
    }
    return buffer.toByteArray();
  }

  @Override
  @SuppressWarnings("NullAway") // Kafka's contract: null, a tombstone, stays null.
  public T deserialize(String topic, byte @Nullable [] bytes) {
    if (bytes == null) {
      return null;
    }
    Schema written = format.writerSchema(topic, bytes);
    Workspace workspace = WORKSPACE.get();
    int header = format.headerBytes();
    BinaryDecoder decoder =
        DecoderFactory.get().binaryDecoder(bytes, header, bytes.length - header, workspace.decoder);
    workspace.decoder = decoder;
    try {
      T value = readers.computeIfAbsent(written, this::reader).read(null, decoder);
      if (!decoder.isEnd()) {
        throw new IOException("there are bytes after its end");
      }
      return value;
    } catch (IOException | RuntimeException e) {
      throw new SerializationException(
          topic + ": not a well-formed " + record + " record: " + reason(e), e);
    } finally {
      workspace.forgetInput();
    }
  }

  private DatumReader<T> reader(Schema written) {
    @SuppressWarnings("unchecked")
    DatumReader<T> reader = data.createDatumReader(written, schema);
    return reader;
  }

  private static <T> DatumWriter<T> writer(SpecificData data, Schema schema) {
    @SuppressWarnings("unchecked")
    DatumWriter<T> writer = data.createDatumWriter(schema);
    return writer;
  }

  private static String reason(Exception e) {
    if (e instanceof EOFException && e.getMessage() == null) {
      return "it ends early";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  /** What a thread keeps between records. */
  private static final class Workspace {
    private static final byte[] NOTHING = {};

    /** A rare large record shall not hold its memory for the thread's whole life. */
    private static final int LARGEST_KEPT_BYTES = 1 << 20;

    private Buffer buffer = new Buffer();
    private @Nullable BinaryEncoder encoder;
    private @Nullable BinaryDecoder decoder;

    Buffer emptyBuffer() {
      if (buffer.capacity() > LARGEST_KEPT_BYTES) {
        buffer = new Buffer();
      }
      buffer.reset();
      return buffer;
    }

    /** The decoder must not keep a record's bytes alive until the next one. */
    void forgetInput() {
      decoder = DecoderFactory.get().binaryDecoder(NOTHING, decoder);
    }
  }

  private static final class Buffer extends ByteArrayOutputStream {
    Buffer() {
      super(4096);
    }

    int capacity() {
      return buf.length;
    }

    @Override
    public synchronized byte[] toByteArray() {
      return Arrays.copyOf(buf, count);
    }
  }
}
