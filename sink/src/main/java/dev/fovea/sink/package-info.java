/**
 * What becomes of detections: counted by a Kafka Streams topology, kept in SQL exactly once, and
 * shown live. {@link dev.fovea.sink.Main} wires the parts in the order in which they start.
 */
@NullMarked
package dev.fovea.sink;

import org.jspecify.annotations.NullMarked;
