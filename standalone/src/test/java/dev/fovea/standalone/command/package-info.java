/** Tests of the commands' own parts. */
@NullMarked
package dev.fovea.standalone.command;

import org.jspecify.annotations.NullMarked;
