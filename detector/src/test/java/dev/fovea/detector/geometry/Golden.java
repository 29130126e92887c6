package dev.fovea.detector.geometry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** The golden numbers; each file says where its numbers come from. */
public final class Golden {
  private Golden() {}

  /** From the unit tests of detectron2 and the TensorFlow models. */
  public static JsonNode unitTests() {
    return read("golden.json");
  }

  /** A 96x128 case through torchvision's RetinaNet. */
  public static JsonNode torchvision() {
    return read("torchvision-retinanet.json");
  }

  /** All numbers below a node, flattened. */
  public static float[] floats(JsonNode node) {
    float[] numbers = new float[count(node)];
    fill(node, numbers, 0);
    return numbers;
  }

  private static int count(JsonNode node) {
    if (node.isNumber()) {
      return 1;
    }
    int count = 0;
    for (JsonNode child : node) {
      count += count(child);
    }
    return count;
  }

  private static int fill(JsonNode node, float[] numbers, int at) {
    if (node.isNumber()) {
      numbers[at] = (float) node.doubleValue();
      return at + 1;
    }
    int next = at;
    for (JsonNode child : node) {
      next = fill(child, numbers, next);
    }
    return next;
  }

  private static JsonNode read(String name) {
    try (InputStream in =
        Objects.requireNonNull(Golden.class.getResourceAsStream("/golden/" + name), name)) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
