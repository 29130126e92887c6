/** What {@code fovea evaluate} runs and shows. */
@NullMarked
package dev.fovea.standalone.evaluate;

import org.jspecify.annotations.NullMarked;
