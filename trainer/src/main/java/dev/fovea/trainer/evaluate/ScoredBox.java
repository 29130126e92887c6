package dev.fovea.trainer.evaluate;

/**
 * A detection in COCO's results form.
 *
 * @param imageId the picture's id in its annotation file
 * @param label index into the data set's classes
 * @param x left edge, pixels of the picture
 * @param y top edge, pixels of the picture
 */
public record ScoredBox(
    long imageId, int label, double x, double y, double width, double height, double score) {}
