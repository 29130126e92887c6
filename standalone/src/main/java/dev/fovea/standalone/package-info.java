/**
 * The {@code fovea} command: each service alone, or all of them in one JVM beside an embedded Kafka
 * broker. Wiring only; what a service does is in its own module.
 */
@NullMarked
package dev.fovea.standalone;

import org.jspecify.annotations.NullMarked;
