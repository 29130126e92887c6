/**
 * RetinaNet's training: a data set in COCO's format becomes a release that the detector serves.
 * {@link dev.fovea.trainer.TrainSettings} is everything that can be set; {@code fit} has the loop,
 * {@code export} the release.
 */
@NullMarked
package dev.fovea.trainer;

import org.jspecify.annotations.NullMarked;
