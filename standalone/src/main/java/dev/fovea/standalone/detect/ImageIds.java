package dev.fovea.standalone.detect;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which numbers frames and classes go by in the results: those of a COCO file where one is given,
 * else the frame's number from 0 and the class's place in the model, from 1.
 */
final class ImageIds {
  private final @Nullable Path file;
  private final Map<String, Long> idByFileName;
  private final Map<String, Integer> categoryIds;

  private ImageIds(
      @Nullable Path file, Map<String, Long> idByFileName, Map<String, Integer> categoryIds) {
    this.file = file;
    this.idByFileName = idByFileName;
    this.categoryIds = categoryIds;
  }

  static ImageIds counted(List<String> classes) {
    Map<String, Integer> categories = new HashMap<>();
    for (int i = 0; i < classes.size(); i++) {
      categories.put(classes.get(i), i + 1);
    }
    return new ImageIds(null, Map.of(), categories);
  }

  /** Reads {@code images[].file_name/id} and {@code categories[].name/id}. */
  static ImageIds from(Path cocoFile) throws IOException {
    JsonNode root = new ObjectMapper().readTree(cocoFile.toFile());
    Map<String, Long> ids = new HashMap<>();
    for (JsonNode image : required(cocoFile, root, "images")) {
      ids.put(
          Path.of(image.path("file_name").asText()).getFileName().toString(),
          image.path("id").asLong());
    }
    Map<String, Integer> categories = new HashMap<>();
    for (JsonNode category : required(cocoFile, root, "categories")) {
      categories.put(category.path("name").asText(), category.path("id").asInt());
    }
    return new ImageIds(cocoFile, ids, categories);
  }

  private static JsonNode required(Path file, JsonNode root, String field) {
    JsonNode value = root.path(field);
    if (!value.isArray()) {
      throw new IllegalArgumentException(
          file + ": no array \"" + field + "\"; a COCO file is wanted");
    }
    return value;
  }

  /** The frame's number in the results. */
  long of(long frameIndex, @Nullable String fileName) {
    if (file == null) {
      return frameIndex;
    }
    Long id = fileName == null ? null : idByFileName.get(fileName);
    if (id == null) {
      throw new IllegalArgumentException(
          file + ": has no image with file_name " + (fileName == null ? "(none)" : fileName));
    }
    return id;
  }

  Map<String, Integer> categoryIds() {
    return categoryIds;
  }
}
