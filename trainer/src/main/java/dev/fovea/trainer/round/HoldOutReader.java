package dev.fovea.trainer.round;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fovea.trainer.data.CocoDataset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads a hold-out. Beside what COCO knows, the label archive writes of each picture its {@code
 * camera} and {@code capture_time_micros}; other files may have neither. A scene is a camera's
 * minute, as it is for the split.
 */
final class HoldOutReader {
  private static final long MINUTE_MICROS = 60_000_000;

  private HoldOutReader() {}

  static HoldOut read(Path annotations, Path pictures) throws IOException {
    CocoDataset data = CocoDataset.read(annotations, pictures);
    Map<Long, String> cameras = new HashMap<>();
    Map<Long, String> scenes = new HashMap<>();
    for (JsonNode image : new ObjectMapper().readTree(annotations.toFile()).path("images")) {
      long id = image.path("id").asLong();
      String camera = image.path("camera").asText("");
      if (!camera.isEmpty()) {
        cameras.put(id, camera);
      }
      JsonNode time = image.path("capture_time_micros");
      if (time.isIntegralNumber()) {
        scenes.put(id, camera + "/" + Math.floorDiv(time.asLong(), MINUTE_MICROS));
      }
    }
    return new HoldOut(data, cameras, scenes);
  }
}
