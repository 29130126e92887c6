/**
 * Labels in: annotations from their topic become a versioned data set on disk, in COCO's format,
 * with a split that keeps near-duplicates on one side and never moves a picture out of the
 * hold-out. {@link dev.fovea.trainer.labels.AnnotationReader} reads the topic, {@link
 * dev.fovea.trainer.labels.AnnotationCheck} refuses what is wrong, {@link
 * dev.fovea.trainer.labels.LabelArchive} keeps the rest. {@code docs/labels.md} describes the
 * folder and the rules.
 */
@NullMarked
package dev.fovea.trainer.labels;

import org.jspecify.annotations.NullMarked;
