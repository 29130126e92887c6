/**
 * From a captured frame to the {@code frames} topic: sampled to the target rate, encoded at the
 * recorded size, entered in the camera's ledger, published or dropped with a cause. One supervised
 * thread a camera; what a camera does is said in {@code cameras}.
 */
@NullMarked
package dev.fovea.ingest.publish;

import org.jspecify.annotations.NullMarked;
