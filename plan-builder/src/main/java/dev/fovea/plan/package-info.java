/**
 * Building a TensorRT plan, in a process of its own: native code that gives up ends this process,
 * not the one that asked for the plan. Knows nothing of the rest of Fovea.
 */
@NullMarked
package dev.fovea.plan;

import org.jspecify.annotations.NullMarked;
