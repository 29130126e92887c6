/** The builder where it cannot build. */
@NullMarked
package dev.fovea.plan;

import org.jspecify.annotations.NullMarked;
