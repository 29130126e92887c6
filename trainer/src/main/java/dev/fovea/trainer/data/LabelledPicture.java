package dev.fovea.trainer.data;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * A picture file and what is in it, in the picture's own pixels.
 *
 * @param id the picture's id in its annotation file
 * @param unmarked labels that are not marked exhaustively in this picture (LVIS's {@code
 *     not_exhaustive_category_ids})
 */
public record LabelledPicture(
    long id,
    Path file,
    int widthPx,
    int heightPx,
    List<Annotation> annotations,
    Set<Integer> unmarked) {
  public LabelledPicture {
    annotations = List.copyOf(annotations);
    unmarked = Set.copyOf(unmarked);
  }

  /**
   * One box, in COCO's form.
   *
   * @param label index into the data set's classes
   * @param x left edge, pixels
   * @param y top edge, pixels
   * @param area square pixels; COCO has the mask's, which decides small, medium or large
   * @param crowd a region of many objects
   */
  public record Annotation(
      long id,
      int label,
      double x,
      double y,
      double width,
      double height,
      double area,
      boolean crowd) {}
}
