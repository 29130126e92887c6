/**
 * Fetching what an engine needs beyond Fovea's own libraries: NVIDIA's, out of a Maven repository,
 * into a cache folder that the launcher puts on the library paths.
 */
@NullMarked
package dev.fovea.standalone.engine;

import org.jspecify.annotations.NullMarked;
