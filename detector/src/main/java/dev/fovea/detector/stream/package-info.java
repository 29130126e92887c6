/**
 * From {@code frames} to {@code detections}: poll, batch and decode, infer, commit, each on a
 * thread of its own with bounded queues between them, so that one batch is decoded while another is
 * on the engine and a third is written. An answer, its dead letter if it has one, and the offset of
 * the frame it answers are one Kafka transaction; whatever goes wrong, work that was not committed
 * is dropped and read again from the committed offset ({@link
 * dev.fovea.detector.stream.Assignment}). Nothing here knows how a picture becomes boxes: that is
 * behind {@link dev.fovea.detector.stream.BatchModel}.
 */
@NullMarked
package dev.fovea.detector.stream;

import org.jspecify.annotations.NullMarked;
