/**
 * The training loop: schedule, optimizer, moving average of the weights, checkpoints, and what a
 * run tells of itself as it goes.
 */
@NullMarked
package dev.fovea.trainer.fit;

import org.jspecify.annotations.NullMarked;
