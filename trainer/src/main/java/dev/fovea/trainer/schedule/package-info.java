/**
 * When rounds are done: labels are followed, and a round begins when its time has come or enough
 * labels have. One round at a time.
 */
@NullMarked
package dev.fovea.trainer.schedule;

import org.jspecify.annotations.NullMarked;
