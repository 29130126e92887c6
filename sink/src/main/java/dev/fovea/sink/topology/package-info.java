/**
 * Stream processing: pure functions that return a Kafka Streams {@code Topology}, tested with
 * TopologyTestDriver exactly as they run.
 */
@NullMarked
package dev.fovea.sink.topology;

import org.jspecify.annotations.NullMarked;
