/**
 * Data sets in COCO's format, their pictures at the size the network sees, and the batches made of
 * them: read, checked, cached, augmented and assigned to anchors off the training thread. A batch
 * is a function of the seed and its number alone, so that a resumed run sees what an unbroken one
 * would have seen.
 */
@NullMarked
package dev.fovea.trainer.data;

import org.jspecify.annotations.NullMarked;
