/**
 * What can be set of a training run, a record for each block of {@code reference.conf}. A record's
 * components are its keys; it checks them when it is made, and {@link
 * dev.fovea.trainer.settings.Block} reads and renders it.
 */
@NullMarked
package dev.fovea.trainer.settings;

import org.jspecify.annotations.NullMarked;
