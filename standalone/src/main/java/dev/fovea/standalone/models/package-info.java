/** What {@code fovea models} knows of a model's releases, and how it shows it. */
@NullMarked
package dev.fovea.standalone.models;

import org.jspecify.annotations.NullMarked;
