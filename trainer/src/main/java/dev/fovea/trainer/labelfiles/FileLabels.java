package dev.fovea.trainer.labelfiles;

import dev.fovea.schema.avro.LabelledBox;
import java.nio.file.Path;
import java.util.List;

/**
 * A picture file and what a label file says is in it.
 *
 * @param picture the picture
 * @param widthPx its width, by its header
 * @param boxes the objects, in pixels
 * @param classes classes that were looked for
 * @param origin where the labels stand, for messages
 */
public record FileLabels(
    Path picture,
    int widthPx,
    int heightPx,
    List<LabelledBox> boxes,
    List<String> classes,
    String origin) {

  public FileLabels {
    boxes = List.copyOf(boxes);
    classes = List.copyOf(classes);
  }
}
