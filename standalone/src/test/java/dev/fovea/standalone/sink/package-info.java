/** The sink against a real broker, fed with records made by hand. */
@NullMarked
package dev.fovea.standalone.sink;

import org.jspecify.annotations.NullMarked;
