/**
 * Which frames are worth labelling: those where a score lies near the serving threshold, where two
 * consecutive frames disagree, and a share drawn at random. What is chosen depends on frames and
 * answers alone, never on the clock of the wall, so that a replay chooses the same.
 */
@NullMarked
package dev.fovea.detector.mining;

import org.jspecify.annotations.NullMarked;
