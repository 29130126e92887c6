package dev.fovea.trainer.labels;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.fovea.trainer.labels.PictureEntry.Box;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/**
 * Writes pictures in COCO's format. Category ids are label + 1. {@code not_exhaustive_category_ids}
 * (LVIS) has every class that was not looked for in a picture. Three keys of ours say where a
 * picture is from: {@code camera}, {@code capture_time_micros}, {@code picture_sha256}.
 */
final class CocoFile {
  private CocoFile() {}

  /**
   * Writes a file.
   *
   * @param classes names in label order
   */
  static void write(Path file, List<String> classes, Collection<PictureEntry> pictures)
      throws IOException {
    try (JsonGenerator json = new JsonFactory().createGenerator(file.toFile(), JsonEncoding.UTF8)) {
      json.writeStartObject();
      categories(json, classes);
      images(json, classes, pictures);
      annotations(json, classes, pictures);
      json.writeEndObject();
      json.writeRaw('\n');
    }
  }

  private static void categories(JsonGenerator json, List<String> classes) throws IOException {
    json.writeArrayFieldStart("categories");
    for (int label = 0; label < classes.size(); label++) {
      json.writeStartObject();
      json.writeNumberField("id", label + 1);
      json.writeStringField("name", classes.get(label));
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void images(
      JsonGenerator json, List<String> classes, Collection<PictureEntry> pictures)
      throws IOException {
    json.writeArrayFieldStart("images");
    for (PictureEntry picture : pictures) {
      json.writeRaw('\n');
      json.writeStartObject();
      json.writeNumberField("id", picture.id());
      json.writeStringField("file_name", picture.file());
      json.writeNumberField("width", picture.widthPx());
      json.writeNumberField("height", picture.heightPx());
      json.writeArrayFieldStart("not_exhaustive_category_ids");
      for (int label = 0; label < classes.size(); label++) {
        if (!picture.classes().contains(classes.get(label))) {
          json.writeNumber(label + 1);
        }
      }
      json.writeEndArray();
      json.writeStringField("camera", picture.camera());
      if (picture.captureTimeMicros() != null) {
        json.writeNumberField("capture_time_micros", picture.captureTimeMicros());
      }
      json.writeStringField("picture_sha256", picture.sha256());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void annotations(
      JsonGenerator json, List<String> classes, Collection<PictureEntry> pictures)
      throws IOException {
    json.writeArrayFieldStart("annotations");
    long id = 0;
    for (PictureEntry picture : pictures) {
      for (Box box : picture.boxes()) {
        double width = (double) box.x2() - box.x1();
        double height = (double) box.y2() - box.y1();
        json.writeRaw('\n');
        json.writeStartObject();
        json.writeNumberField("id", ++id);
        json.writeNumberField("image_id", picture.id());
        json.writeNumberField("category_id", classes.indexOf(box.label()) + 1);
        json.writeArrayFieldStart("bbox");
        json.writeNumber(box.x1());
        json.writeNumber(box.y1());
        json.writeNumber(width);
        json.writeNumber(height);
        json.writeEndArray();
        json.writeNumberField("area", width * height);
        json.writeNumberField("iscrowd", 0);
        json.writeEndObject();
      }
    }
    json.writeEndArray();
  }
}
