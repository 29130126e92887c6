package dev.fovea.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fovea.schema.avro.CameraStatus;
import dev.fovea.schema.avro.Count;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.RandomData;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The serdes against a real registry, seen from the outside through its Confluent API. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SchemaRegistryIT {
  private static final int LAST = Integer.MAX_VALUE;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static RegistryServer server;

  @BeforeAll
  static void start() throws IOException {
    Optional<Path> jar = RegistryServer.jar();
    assumeTrue(
        jar.isPresent(),
        "Apicurio's registry server is not in schemas/target/registry-server: it could not be"
            + " fetched from Maven Central");
    server = RegistryServer.start(jar.get(), Path.of("target/registry-server.log"));
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void everyRecordGoesThroughAndAnyConfluentConsumerReadsIt() throws Exception {
    for (Class<? extends SpecificRecord> type : Records.TYPES) {
      roundTrip(type, "fovea." + type.getSimpleName().toLowerCase(Locale.ROOT));
    }
    assertThat(JSON.readTree(server.confluent("GET", "/subjects", "").body()).toString())
        .contains("\"fovea.frame-value\"", "\"fovea.modelrelease-value\"");
  }

  private static <T extends SpecificRecord> void roundTrip(Class<T> type, String topic)
      throws Exception {
    // Writer and reader are two services: neither has the other's cache.
    Serde<T> writer = serde(type);
    Serde<T> reader = serde(type);
    for (T record : Records.random(type, 20, 42)) {
      byte[] bytes = writer.serializer().serialize(topic, record);
      assertThat(bytes[0]).isZero();
      assertThat(reader.deserializer().deserialize(topic, bytes)).isEqualTo(record);

      GenericRecord seen = asAnyConfluentConsumer(bytes);
      assertThat(seen.getSchema()).isEqualTo(record.getSchema());
      assertThat(seen.get(0)).hasToString(record.get(0).toString());
    }
  }

  @Test
  void aSecondSenderGetsTheSameId() {
    Count count = Records.random(Count.class, 1, 1).get(0);

    assertThat(serde(Count.class).serializer().serialize("fovea.same", count))
        .isEqualTo(serde(Count.class).serializer().serialize("fovea.same", count));
  }

  @Test
  void anOlderSendersRecordIsReadWithItsOwnSchema() throws Exception {
    String topic = "fovea.older";
    Schema older = without(Records.schema(CameraStatus.class), "cause");
    int id = idOf(post(topic, older));
    GenericRecord record = (GenericRecord) new RandomData(older, 1, 3L).iterator().next();

    CameraStatus read =
        serde(CameraStatus.class).deserializer().deserialize(topic, confluentBytes(id, record));

    assertThat(read.getCause()).isNull();
    assertThat(read.getCameraId()).isEqualTo(record.get("cameraId").toString());
    assertThat(read.getAttempt()).isEqualTo(record.get("attempt"));
  }

  @Test
  void anIncompatibleSchemaIsRefused() throws Exception {
    String topic = "fovea.guarded";
    serde(Count.class).serializer().serialize(topic, Records.random(Count.class, 1, 1).get(0));
    Schema incompatible = retyped(Records.schema(Count.class), "objects", Schema.Type.STRING);

    assertThat(post(topic, incompatible).statusCode()).isEqualTo(409);
    assertThatThrownBy(() -> registry().idOf(topic, incompatible))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("schema dev.fovea.schema.avro.Count of topic fovea.guarded")
        .hasMessageContaining("answered 409");
  }

  @Test
  void anIdThatTheRegistryDoesNotKnowIsBadInput() {
    assertThatThrownBy(
            () ->
                serde(Count.class)
                    .deserializer()
                    .deserialize("fovea.counts", new byte[] {0, 0x7f, 0, 0, 1, 2}))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("schema 2130706433 of a record of topic fovea.counts")
        .hasMessageContaining("answered 404");
  }

  @Test
  @Order(LAST)
  void whatIsKnownNeedsTheRegistryNoMoreAndWhatIsNotIsRetriable() {
    Count count = Records.random(Count.class, 1, 1).get(0);
    Serde<Count> serde = serde(Count.class);
    byte[] bytes = serde.serializer().serialize("fovea.counts", count);
    assertThat(serde.deserializer().deserialize("fovea.counts", bytes)).isEqualTo(count);

    server.close();

    assertThat(serde.serializer().serialize("fovea.counts", count)).isEqualTo(bytes);
    assertThat(serde.deserializer().deserialize("fovea.counts", bytes)).isEqualTo(count);
    assertThatThrownBy(() -> serde.serializer().serialize("fovea.new", count))
        .isInstanceOf(SchemaRegistryUnavailableException.class);
  }

  private static <T extends SpecificRecord> Serde<T> serde(Class<T> type) {
    return new AvroSerdes(registry()).of(type);
  }

  /** Patient: a registry in its first minute on a busy machine is slow. */
  private static SchemaRegistry registry() {
    return new SchemaRegistry(server.url(), Duration.ofMinutes(1));
  }

  /** Reads as the ecosystem's consumers do: schema by id, over the Confluent API. */
  private static GenericRecord asAnyConfluentConsumer(byte[] bytes) throws Exception {
    int id = ByteBuffer.wrap(bytes).getInt(1);
    HttpResponse<String> answer = server.confluent("GET", "/schemas/ids/" + id, "");
    assertThat(answer.statusCode()).isEqualTo(200);
    Schema schema =
        new Schema.Parser().parse(JSON.readTree(answer.body()).get("schema").textValue());
    return new GenericDatumReader<GenericRecord>(schema)
        .read(null, DecoderFactory.get().binaryDecoder(bytes, 5, bytes.length - 5, null));
  }

  private static HttpResponse<String> post(String topic, Schema schema) throws Exception {
    return server.confluent(
        "POST",
        "/subjects/" + topic + "-value/versions",
        JSON.writeValueAsString(Map.of("schema", schema.toString())));
  }

  private static int idOf(HttpResponse<String> registered) throws IOException {
    assertThat(registered.statusCode()).isEqualTo(200);
    return JSON.readTree(registered.body()).get("id").intValue();
  }

  private static byte[] confluentBytes(int id, GenericRecord record) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeByte(0);
    out.writeInt(id);
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
    encoder.flush();
    return bytes.toByteArray();
  }

  private static Schema without(Schema record, String field) {
    return withFields(
        record,
        record.getFields().stream()
            .filter(f -> !f.name().equals(field))
            .map(f -> new Schema.Field(f, f.schema()))
            .toList());
  }

  private static Schema retyped(Schema record, String field, Schema.Type type) {
    return withFields(
        record,
        record.getFields().stream()
            .map(
                f ->
                    f.name().equals(field)
                        ? new Schema.Field(field, Schema.create(type), f.doc())
                        : new Schema.Field(f, f.schema()))
            .toList());
  }

  private static Schema withFields(Schema record, List<Schema.Field> fields) {
    return Schema.createRecord(
        record.getName(), record.getDoc(), record.getNamespace(), false, fields);
  }
}
