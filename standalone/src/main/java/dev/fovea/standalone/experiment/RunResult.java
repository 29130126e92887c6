package dev.fovea.standalone.experiment;

import java.util.OptionalInt;

/**
 * What one training came to.
 *
 * @param variant its id
 * @param divergedAt the step at which the loss was no longer a number; the figures are then 0
 * @param ap COCO's, 0 to 1
 * @param ap50 at IoU .5
 * @param firstLoss class loss of the first step, per foreground anchor
 * @param lastLoss mean class loss of the last tenth of the steps
 * @param seconds of training, by wall clock
 */
record RunResult(
    String variant,
    long seed,
    OptionalInt divergedAt,
    double ap,
    double ap50,
    double firstLoss,
    double lastLoss,
    double seconds) {}
