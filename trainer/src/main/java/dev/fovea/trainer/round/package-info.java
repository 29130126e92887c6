/**
 * A round of retraining: the candidate is trained from the live model's weights, both are measured
 * on the same hold-out by the path that serves, a gate decides, and the release is stored and
 * announced. Everything a round has done is on disk, so that one that was killed goes on.
 */
@NullMarked
package dev.fovea.trainer.round;

import org.jspecify.annotations.NullMarked;
