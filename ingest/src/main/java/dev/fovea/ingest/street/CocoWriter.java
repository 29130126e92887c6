package dev.fovea.ingest.street;

import dev.fovea.schema.avro.LabelledBox;
import java.io.IOException;
import java.io.Writer;
import java.util.List;
import java.util.Locale;

/**
 * Writes COCO's object-detection JSON. All strings are file names and class names made here, so
 * none needs escaping.
 */
final class CocoWriter {
  private final Writer json;
  private final StringBuilder annotations = new StringBuilder();
  private long images;
  private long boxes;

  CocoWriter(Writer json) throws IOException {
    this.json = json;
    json.write(
        "{\"info\":{\"description\":\"Fovea synthetic street\"},\"licenses\":[],\"images\":[");
  }

  /** Adds an image with its boxes; ids count from 1. */
  void image(String fileName, int widthPx, int heightPx, List<LabelledBox> truth)
      throws IOException {
    json.write(images++ == 0 ? "\n" : ",\n");
    json.write(
        String.format(
            Locale.ROOT,
            "{\"id\":%d,\"file_name\":\"%s\",\"width\":%d,\"height\":%d}",
            images,
            fileName,
            widthPx,
            heightPx));
    for (LabelledBox box : truth) {
      annotation(box);
    }
  }

  private void annotation(LabelledBox box) {
    float width = box.getX2() - box.getX1();
    float height = box.getY2() - box.getY1();
    annotations.append(boxes++ == 0 ? "\n" : ",\n");
    annotations.append(
        String.format(
            Locale.ROOT,
            "{\"id\":%d,\"image_id\":%d,\"category_id\":%d,\"bbox\":[%.2f,%.2f,%.2f,%.2f],"
                + "\"area\":%.2f,\"iscrowd\":0}",
            boxes,
            images,
            categoryOf(box.getLabel()),
            box.getX1(),
            box.getY1(),
            width,
            height,
            width * height));
  }

  private static int categoryOf(String word) {
    for (Actor.Label label : Actor.Label.values()) {
      if (label.word.equals(word)) {
        return label.id;
      }
    }
    throw new IllegalArgumentException("label " + word + ": must be a class of the street");
  }

  void finish() throws IOException {
    json.write("\n],\"annotations\":[");
    json.append(annotations);
    json.write("\n],\"categories\":[");
    for (Actor.Label label : Actor.Label.values()) {
      json.write(label.id == 1 ? "\n" : ",\n");
      json.write(
          String.format(
              Locale.ROOT,
              "{\"id\":%d,\"name\":\"%s\",\"supercategory\":\"street\"}",
              label.id,
              label.word));
    }
    json.write("\n]}\n");
  }
}
