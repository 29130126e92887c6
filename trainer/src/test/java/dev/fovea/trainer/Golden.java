package dev.fovea.trainer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;

/** Numbers that other implementations gave; each file says which and how. */
public final class Golden {
  private Golden() {}

  public static JsonNode read(String name) {
    try (InputStream in = Golden.class.getResourceAsStream("/golden/" + name)) {
      return new ObjectMapper().readTree(Objects.requireNonNull(in, name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The file itself. */
  public static Path file(String name) {
    try {
      return Path.of(Objects.requireNonNull(Golden.class.getResource("/golden/" + name)).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** All numbers of a nested list, in order. */
  public static float[] floats(JsonNode list) {
    float[] values = new float[count(list)];
    fill(list, values, 0);
    return values;
  }

  public static int[] ints(JsonNode list) {
    float[] floats = floats(list);
    int[] values = new int[floats.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.round(floats[i]);
    }
    return values;
  }

  private static int count(JsonNode node) {
    if (!node.isArray()) {
      return 1;
    }
    int count = 0;
    for (JsonNode child : node) {
      count += count(child);
    }
    return count;
  }

  private static int fill(JsonNode node, float[] values, int at) {
    if (!node.isArray()) {
      values[at] = (float) node.asDouble();
      return at + 1;
    }
    int next = at;
    for (JsonNode child : node) {
      next = fill(child, values, next);
    }
    return next;
  }
}
