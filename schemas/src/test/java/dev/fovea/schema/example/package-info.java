/** A service's configuration for the tests of {@code StrictConfig}. */
@NullMarked
package dev.fovea.schema.example;

import org.jspecify.annotations.NullMarked;
