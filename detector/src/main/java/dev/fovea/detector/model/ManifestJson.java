package dev.fovea.detector.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.stream.Collectors;

/** {@code manifest.json}, read strictly: every field there, no other, each of its own type. */
final class ManifestJson {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .enable(SerializationFeature.INDENT_OUTPUT)
          // The same release has the same bytes: Map.copyOf orders otherwise in each process.
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .build();

  private ManifestJson() {}

  /**
   * Parses a manifest.
   *
   * @throws IllegalArgumentException naming the field and the rule
   */
  static ModelManifest parse(byte[] json) {
    try {
      return JSON.readValue(json, ModelManifest.class);
    } catch (UnrecognizedPropertyException e) {
      throw new IllegalArgumentException("field " + path(e) + " is not known", e);
    } catch (ValueInstantiationException e) {
      throw new IllegalArgumentException(invalidValue(e), e);
    } catch (JsonMappingException e) {
      throw new IllegalArgumentException(mismatch(e), e);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "is not JSON: line %d, column %d: %s"
              .formatted(
                  e.getLocation() == null ? 0 : e.getLocation().getLineNr(),
                  e.getLocation() == null ? 0 : e.getLocation().getColumnNr(),
                  e.getOriginalMessage()),
          e);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot be read: " + e.getMessage(), e);
    }
  }

  static String format(ModelManifest manifest) {
    try {
      return JSON.writeValueAsString(manifest) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a manifest is always JSON", e);
    }
  }

  private static String invalidValue(ValueInstantiationException e) {
    String rule = String.valueOf(e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
    String parent = path(e);
    return "field " + (parent.isEmpty() ? "" : parent + ".") + rule;
  }

  private static String mismatch(JsonMappingException e) {
    String message = String.valueOf(e.getOriginalMessage());
    String place = path(e).isEmpty() ? "the document" : "field " + path(e);
    // Jackson has one exception for these and other mismatches; only the text tells them apart.
    if (message.startsWith("Missing ") && message.contains("creator property")) {
      return place + " is missing";
    }
    if (message.startsWith("Null value for ") && message.contains("creator property")) {
      return place + " is null";
    }
    if (e instanceof MismatchedInputException mismatched && mismatched.getTargetType() != null) {
      return place + " must be " + describe(mismatched.getTargetType());
    }
    return place + ": " + message.lines().findFirst().orElse("is not valid");
  }

  private static String describe(Class<?> type) {
    if (type == int.class || type == Integer.class) {
      return "a whole number";
    }
    if (Number.class.isAssignableFrom(type) || (type.isPrimitive() && type != boolean.class)) {
      return "a number";
    }
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (type == String.class) {
      return "a string";
    }
    if (type.isEnum()) {
      return "\"stretch\" or \"letterbox\"";
    }
    return Iterable.class.isAssignableFrom(type) ? "an array" : "an object";
  }

  private static String path(JsonMappingException e) {
    return e.getPath().stream()
        .map(r -> r.getFieldName() == null ? "[" + r.getIndex() + "]" : "." + r.getFieldName())
        .collect(Collectors.joining())
        .replaceFirst("^\\.", "");
  }
}
