package dev.fovea.standalone.detect;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fovea.detector.model.Detected;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;

/**
 * Writes COCO's results format, one object a detection: {@code image_id}, {@code category_id},
 * {@code bbox} as x, y, width, height in pixels, {@code score}. The file appears under its name
 * when it is whole.
 *
 * @see <a href="https://cocodataset.org/#format-results">COCO results format</a>
 */
final class CocoResults implements AutoCloseable {
  private final Path file;
  private final Path partial;
  private final Map<String, Integer> categoryIds;
  private final JsonGenerator json;
  private long written;

  /**
   * @param categoryIds COCO category id of each label
   */
  CocoResults(Path file, Map<String, Integer> categoryIds) throws IOException {
    this.file = file.toAbsolutePath();
    this.partial = this.file.resolveSibling(this.file.getFileName() + ".part");
    this.categoryIds = Map.copyOf(categoryIds);
    this.json =
        new ObjectMapper().getFactory().createGenerator(partial.toFile(), JsonEncoding.UTF8);
    json.writeStartArray();
  }

  void add(long imageId, List<Detected> detections) throws IOException {
    for (Detected detection : detections) {
      Integer category = categoryIds.get(detection.label());
      if (category == null) {
        continue; // A class that the given COCO file does not know cannot be said in it.
      }
      json.writeRaw(written == 0 ? "\n" : "");
      json.writeStartObject();
      json.writeNumberField("image_id", imageId);
      json.writeNumberField("category_id", category);
      json.writeArrayFieldStart("bbox");
      json.writeNumber(detection.x1());
      json.writeNumber(detection.y1());
      json.writeNumber(detection.x2() - detection.x1());
      json.writeNumber(detection.y2() - detection.y1());
      json.writeEndArray();
      json.writeNumberField("score", detection.score());
      json.writeEndObject();
      written++;
    }
  }

  @Override
  public void close() throws IOException {
    json.writeEndArray();
    json.close();
    Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
  }
}
