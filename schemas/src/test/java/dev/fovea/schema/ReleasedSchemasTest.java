package dev.fovea.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaFormatter;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.SchemaValidatorBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.RandomData;
import org.apache.kafka.common.serialization.Deserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The build's check that schemas evolve compatibly (BACKWARD_TRANSITIVE). */
class ReleasedSchemasTest {
  private static final Path RELEASED = Path.of("src/main/resources/dev/fovea/schema/released");

  static Stream<Class<? extends SpecificRecord>> types() {
    return Records.TYPES.stream();
  }

  @ParameterizedTest
  @MethodSource("types")
  void theSchemaOfNowReadsEveryReleasedVersion(Class<? extends SpecificRecord> type) {
    Schema current = Records.schema(type);
    List<Schema> released = ReleasedSchemas.of(current);

    assertThat(released).as("released versions of " + type.getSimpleName()).isNotEmpty();
    for (Schema version : released) {
      var result = SchemaCompatibility.checkReaderWriterCompatibility(current, version);
      assertThat(result.getType())
          .as(
              "%s can't read its version %d: %s. Give a new field a default; never remove, rename"
                  + " or retype one without a default or an alias (docs/schemas.md)",
              type.getSimpleName(), released.indexOf(version) + 1, result.getDescription())
          .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void everyReleasedVersionReadsThoseBeforeIt(Class<? extends SpecificRecord> type)
      throws Exception {
    var canRead = new SchemaValidatorBuilder().canReadStrategy().validateAll();
    List<Schema> released = ReleasedSchemas.of(Records.schema(type));
    for (int i = 0; i < released.size(); i++) {
      canRead.validate(released.get(i), released.subList(0, i));
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  <T extends SpecificRecord> void recordsOfEveryReleasedVersionAreDecoded(Class<T> type)
      throws IOException {
    Deserializer<T> deserializer = new AvroSerdes(Optional.empty()).of(type).deserializer();
    for (Schema version : ReleasedSchemas.of(Records.schema(type))) {
      BinaryMessageEncoder<GenericRecord> encoder =
          new BinaryMessageEncoder<>(GenericData.get(), version);
      for (Object record : new RandomData(version, 20, 7L)) {
        byte[] bytes = encoder.encode((GenericRecord) record).array();
        T read = deserializer.deserialize("t", bytes);
        assertThat(read.get(0)).hasToString(((GenericRecord) record).get(0).toString());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void aReleaseHasItsSchemasReleased(Class<? extends SpecificRecord> type) {
    String version = System.getProperty("fovea.version", "-SNAPSHOT");
    assumeFalse(version.endsWith("-SNAPSHOT"), version + " is no release");

    assertThat(isReleased(Records.schema(type)))
        .as("%s has changed since its last released version: docs/schemas.md", type)
        .isTrue();
  }

  @ParameterizedTest
  @MethodSource("types")
  void everyFieldIsDocumented(Class<? extends SpecificRecord> type) {
    assertDocumented(Records.schema(type));
  }

  private static void assertDocumented(Schema schema) {
    switch (schema.getType()) {
      case RECORD -> {
        assertThat(schema.getDoc()).as(schema.getFullName()).isNotBlank();
        for (Schema.Field field : schema.getFields()) {
          assertThat(field.doc()).as(schema.getFullName() + "." + field.name()).isNotBlank();
          assertDocumented(field.schema());
        }
      }
      case ENUM -> assertThat(schema.getDoc()).as(schema.getFullName()).isNotBlank();
      case ARRAY -> assertDocumented(schema.getElementType());
      case MAP -> assertDocumented(schema.getValueType());
      case UNION -> schema.getTypes().forEach(ReleasedSchemasTest::assertDocumented);
      default -> {}
    }
  }

  @Test
  void anIncompatibleChangeWouldBeFound() {
    Schema before = parse("{'name': 'a', 'type': 'long'}");
    Schema renamed = parse("{'name': 'b', 'type': 'long'}");

    assertThat(SchemaCompatibility.checkReaderWriterCompatibility(renamed, before).getType())
        .isEqualTo(SchemaCompatibilityType.INCOMPATIBLE);
  }

  /** Not a test but how a version is released: docs/schemas.md. */
  @Test
  @EnabledIfSystemProperty(named = "fovea.schemas.release", matches = "true")
  void release() throws IOException {
    for (Class<? extends SpecificRecord> type : Records.TYPES) {
      Schema current = Records.schema(type);
      if (!isReleased(current)) {
        int version = ReleasedSchemas.of(current).size() + 1;
        Path file = RELEASED.resolve(current.getName()).resolve("v" + version + ".avsc");
        Files.createDirectories(file.getParent());
        Files.writeString(file, SchemaFormatter.format("json/pretty", current) + "\n");
        System.out.println("released " + file);
      }
    }
  }

  private static boolean isReleased(Schema schema) {
    List<Schema> released = ReleasedSchemas.of(schema);
    return !released.isEmpty()
        && SchemaNormalization.parsingFingerprint64(released.get(released.size() - 1))
            == SchemaNormalization.parsingFingerprint64(schema);
  }

  private static Schema parse(String field) {
    return new Schema.Parser()
        .parse(("{'type': 'record', 'name': 'R', 'fields': [" + field + "]}").replace('\'', '"'));
  }
}
