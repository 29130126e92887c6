/**
 * Label files of other tools, read into boxes in pixels: COCO, Pascal VOC and YOLO. All of a data
 * set is read and checked before any of it is used; an error names the file and the line.
 */
@NullMarked
package dev.fovea.trainer.labelfiles;

import org.jspecify.annotations.NullMarked;
