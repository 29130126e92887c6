/**
 * {@code fovea demo --drift}: the learning loop told as a story. Night falls on drawn streets,
 * accuracy drops, the frames that the detector asks about are labelled, the trainer makes a better
 * model, the detector swaps to it; then labels that are wrong come, and the gate refuses what was
 * learned of them. Everything the story says is read where anyone else could read it: accuracy and
 * model from the sink's API, rounds from the trainer's folder.
 */
@NullMarked
package dev.fovea.standalone.drift;

import org.jspecify.annotations.NullMarked;
