package dev.fovea.trainer.evaluate;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.fovea.trainer.data.CocoDataset;
import dev.fovea.trainer.data.DatasetException;
import dev.fovea.trainer.data.LabelledPicture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Detections in COCO's results format: a list of image_id, category_id, bbox and score. */
public final class CocoResultsFile {
  private CocoResultsFile() {}

  /** One entry as it is in the file; what else it has is left alone. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  private record Entry(
      @JsonProperty("image_id") @Nullable Long imageId,
      @JsonProperty("category_id") @Nullable Long categoryId,
      @Nullable List<Double> bbox,
      @Nullable Double score) {}

  /**
   * Reads a file, one entry at a time.
   *
   * @param truth whose pictures and categories it is about
   * @throws DatasetException naming the file, the entry from 0, and the rule broken
   */
  public static List<ScoredBox> read(Path file, CocoDataset truth) {
    Set<Long> pictures = new HashSet<>();
    for (LabelledPicture picture : truth.pictures()) {
      pictures.add(picture.id());
    }
    List<ScoredBox> boxes = new ArrayList<>();
    ObjectMapper mapper = new ObjectMapper();
    try (JsonParser parser = mapper.createParser(file.toFile())) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw new DatasetException(file, "must be a JSON list of COCO results");
      }
      ObjectReader entries = mapper.readerFor(Entry.class);
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        boxes.add(box(file, boxes.size(), entries.readValue(parser), truth, pictures));
      }
    } catch (JacksonException e) {
      throw new DatasetException(
          file, "entry " + boxes.size() + " is not a COCO result: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new DatasetException(file, "cannot be read: " + e, e);
    }
    return boxes;
  }

  private static ScoredBox box(
      Path file, int index, Entry entry, CocoDataset truth, Set<Long> pictures) {
    Long image = entry.imageId();
    Long category = entry.categoryId();
    List<Double> bbox = entry.bbox();
    Double score = entry.score();
    if (image == null || category == null || bbox == null || score == null) {
      throw broken(file, index, "must have image_id, category_id, bbox and score");
    }
    int label = truth.categoryIds().indexOf(category);
    if (!pictures.contains(image)) {
      throw broken(file, index, "the ground truth has no image " + image);
    }
    if (label < 0) {
      throw broken(
          file,
          index,
          "the ground truth has no category " + category + ", it has " + truth.categoryIds());
    }
    if (bbox.size() != 4
        || bbox.stream().anyMatch(v -> v == null || !Double.isFinite(v))
        || bbox.get(2) < 0
        || bbox.get(3) < 0) {
      throw broken(
          file, index, "bbox must be x, y, width and height, finite and not below 0, not " + bbox);
    }
    if (!Double.isFinite(score)) {
      throw broken(file, index, "score must be a number, not " + score);
    }
    return new ScoredBox(image, label, bbox.get(0), bbox.get(1), bbox.get(2), bbox.get(3), score);
  }

  private static DatasetException broken(Path file, int index, String rule) {
    return new DatasetException(file, "entry " + index + ": " + rule);
  }
}
