/**
 * Fetching large files over HTTP: they are gone on with after a stop, checked against their sum,
 * and take their place only when they are whole.
 */
@NullMarked
package dev.fovea.standalone.download;

import org.jspecify.annotations.NullMarked;
