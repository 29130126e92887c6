/**
 * Box arithmetic of an anchor-based detector: anchors, box coding, intersection over union and
 * non-maximum suppression. Plain JDK on flat {@code float[]}, shared by serving and training.
 *
 * <p>A box is four floats {@code x1, y1, x2, y2} in pixels, half-open; box {@code i} of an array
 * starts at {@code 4·i}. An x at 0 is the left edge of the first pixel, so a pixel's centre is at
 * its index + 0.5.
 */
@NullMarked
package dev.fovea.detector.geometry;

import org.jspecify.annotations.NullMarked;
