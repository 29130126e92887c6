package dev.fovea.sink.live;

/**
 * How right the published boxes were, as the API shows it.
 *
 * @param ap50 AP at IoU .5, the mean over the classes that were there, 0 to 1. Only boxes above the
 *     detector's serving threshold are published, so it is lower than the AP of all candidates
 * @param frames how many frames it is over
 * @param cameras how many cameras they are of
 */
public record AccuracyView(double ap50, int frames, int cameras) {}
