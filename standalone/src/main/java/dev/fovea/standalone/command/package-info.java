/**
 * The sub-commands of {@code fovea}: each reads its options, wires classes of other modules and
 * says what came of it. Errors are one sentence on standard error and exit status 1; wrong usage is
 * exit status 2.
 */
@NullMarked
package dev.fovea.standalone.command;

import org.jspecify.annotations.NullMarked;
