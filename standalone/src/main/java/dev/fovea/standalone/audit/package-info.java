/**
 * The audit: holds what the detector has answered against what ingest has published, on any stretch
 * of the topics, as a reader without a group. Every frame must have exactly one answer, in order,
 * and both equations of the frame ledger must hold; what does not is counted and shown by its first
 * case. Memory is a bit a frame and answer, whatever their size.
 */
@NullMarked
package dev.fovea.standalone.audit;

import org.jspecify.annotations.NullMarked;
