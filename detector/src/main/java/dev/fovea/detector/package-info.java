/**
 * The detector service: takes frames off Kafka, runs the model over them in batches across cameras,
 * and writes exactly one {@code Detections} for each, in a transaction with the frames' offsets.
 * Here are only its wiring and its configuration; {@link dev.fovea.detector.stream} moves the
 * records, {@code model} and {@code engine} turn pictures into boxes, {@code geometry} is the
 * arithmetic of boxes.
 */
@NullMarked
package dev.fovea.detector;

import org.jspecify.annotations.NullMarked;
