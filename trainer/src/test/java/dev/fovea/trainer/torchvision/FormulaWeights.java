package dev.fovea.trainer.torchvision;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fovea.trainer.weights.SafetensorsWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32;

/** The weights and the picture that {@code torchvision_golden.py} computes, by the same formula. */
final class FormulaWeights {
  private FormulaWeights() {}

  /** Numbers from 0 to below 1, by a hash of name and index (lowbias32). */
  static double[] uniform(String name, int count) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    int seed = (int) crc.getValue();
    double[] numbers = new double[count];
    for (int i = 0; i < count; i++) {
      int x = i * 0x9E3779B1 + seed;
      x ^= x >>> 16;
      x *= 0x7FEB352D;
      x ^= x >>> 15;
      x *= 0x846CA68B;
      x ^= x >>> 16;
      numbers[i] = (x >>> 8) / (double) (1 << 24);
    }
    return numbers;
  }

  static float[] values(String key, List<Integer> shape, JsonNode scales) {
    double[] u = uniform(key, shape.stream().reduce(1, Math::multiplyExact));
    boolean body = !key.contains("fpn") && !key.contains("head");
    double beforeNorm = body ? scales.get("before_norm").asDouble() : 1;
    double weightScale =
        key.contains("cls_logits")
            ? scales.get("logits").asDouble()
            : key.contains("bbox_reg") ? scales.get("deltas").asDouble() : beforeNorm;
    float[] values = new float[u.length];
    for (int i = 0; i < u.length; i++) {
      double v;
      if (key.endsWith("running_var")) {
        v = (0.5 + u[i]) * beforeNorm * beforeNorm;
      } else if (key.endsWith("running_mean")) {
        v = 0.2 * (u[i] - 0.5) * beforeNorm;
      } else if (shape.size() == 4) {
        double fanIn = shape.get(1) * shape.get(2) * shape.get(3);
        v = (2 * u[i] - 1) * Math.sqrt(6.0 / fanIn) * weightScale;
      } else if (key.endsWith("cls_logits.bias")) {
        v = 0.2 * (u[i] - 0.5) - 5;
      } else if (key.endsWith("weight")) {
        v = 0.4 + 0.6 * u[i];
      } else {
        v = 0.2 * (u[i] - 0.5);
      }
      values[i] = (float) v;
    }
    return values;
  }

  /** (3, H, W) bytes. */
  static byte[] picture(int width, int height) {
    double[] noise = uniform("picture", 3 * height * width);
    byte[] picture = new byte[noise.length];
    for (int i = 0; i < picture.length; i++) {
      int x = i % width;
      int y = i / width % height;
      int c = i / (width * height);
      picture[i] = (byte) ((x * (3 + c) + y * (5 - c)) % 256 ^ (int) (noise[i] * 32));
    }
    return picture;
  }

  /** Shapes by key, as torchvision's own model has them. */
  static Map<String, List<Integer>> shapes(JsonNode state) {
    Map<String, List<Integer>> shapes = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : state.properties()) {
      List<Integer> shape = new ArrayList<>();
      entry.getValue().forEach(side -> shape.add(side.asInt()));
      shapes.put(entry.getKey(), shape);
    }
    return shapes;
  }

  /** A safetensors file of the weights; their keys may be written in another form. */
  static void write(
      Path file, Map<String, List<Integer>> shapes, JsonNode scales, UnaryOperator<String> renamed)
      throws IOException {
    try (SafetensorsWriter writer = new SafetensorsWriter(file)) {
      for (Map.Entry<String, List<Integer>> entry : shapes.entrySet()) {
        writer.add(
            renamed.apply(entry.getKey()),
            entry.getValue(),
            values(entry.getKey(), entry.getValue(), scales));
      }
    }
  }
}
