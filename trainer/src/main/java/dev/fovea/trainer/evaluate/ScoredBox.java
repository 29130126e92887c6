package dev.fovea.trainer.evaluate;

import dev.fovea.trainer.data.LabelledPicture.Annotation;

/**
 * A detection in COCO's results form.
 *
 * @param imageId the picture's id in its annotation file
 * @param label index into the data set's classes
 * @param x left edge, pixels of the picture
 * @param y top edge, pixels of the picture
 */
public record ScoredBox(
    long imageId, int label, double x, double y, double width, double height, double score) {

  /** IoU with a true box. With a crowd, the union is the detection: inside is all it can be. */
  double iou(Annotation truth) {
    double sharedWidth = Math.min(x + width, truth.x() + truth.width()) - Math.max(x, truth.x());
    double sharedHeight = Math.min(y + height, truth.y() + truth.height()) - Math.max(y, truth.y());
    if (sharedWidth <= 0 || sharedHeight <= 0) {
      return 0;
    }
    double shared = sharedWidth * sharedHeight;
    double area = width * height;
    return shared / (truth.crowd() ? area : area + truth.width() * truth.height() - shared);
  }
}
