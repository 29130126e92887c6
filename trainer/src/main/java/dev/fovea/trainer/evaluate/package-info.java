/**
 * Accuracy as COCO measures it: the twelve figures and every class's AP, through the decoder that
 * serves.
 */
@NullMarked
package dev.fovea.trainer.evaluate;

import org.jspecify.annotations.NullMarked;
