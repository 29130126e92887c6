package dev.fovea.detector.stream;

import dev.fovea.schema.avro.Detection;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.Outcome;
import dev.fovea.schema.avro.StageTimings;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One record on its way through a batch. The batching thread makes it, one decoding thread fills in
 * what it learns, the inference thread answers it; the batch's futures order their memory.
 */
final class PendingFrame {
  /** Frames that have no picture in the batch. */
  static final int NO_SLOT = -1;

  private final PolledFrame polled;
  private final @Nullable Frame frame;
  private final int slot;
  private final StageTimings timings = new StageTimings(0L, 0L, 0L, 0L, 0L);
  private @Nullable BadInput error;
  private long decodedAtNanos;
  private double uncertainty;

  private PendingFrame(
      PolledFrame polled, @Nullable Frame frame, int slot, @Nullable BadInput error) {
    this.polled = polled;
    this.frame = frame;
    this.slot = slot;
    this.error = error;
  }

  /** A record that is no frame. */
  static PendingFrame noFrame(PolledFrame polled, BadInput error) {
    return new PendingFrame(polled, null, NO_SLOT, error);
  }

  /** A frame too old to be worth the model's time. */
  static PendingFrame stale(PolledFrame polled, Frame frame) {
    return new PendingFrame(polled, frame, NO_SLOT, null);
  }

  /** A frame whose picture goes into a slot of the batch. */
  static PendingFrame inSlot(PolledFrame polled, Frame frame, int slot) {
    return new PendingFrame(polled, frame, slot, null);
  }

  PolledFrame polled() {
    return polled;
  }

  int slot() {
    return slot;
  }

  /** Whether there is a picture for the model. */
  boolean hasPicture() {
    return slot != NO_SLOT && error == null;
  }

  /** Waited from {@code publishTimeMicros} until now. */
  void queued(long micros) {
    timings.setQueueMicros(Math.max(0, micros));
  }

  /** Decoding ended, well or not. */
  void decoded(long startedAtNanos, long endedAtNanos, @Nullable BadInput error) {
    timings.setDecodeMicros((endedAtNanos - startedAtNanos) / 1_000);
    this.decodedAtNanos = endedAtNanos;
    this.error = error;
  }

  /** The engine ran on its batch. */
  void inferred(long startedAtNanos, long endedAtNanos) {
    timings.setBatchWaitMicros(Math.max(0, (startedAtNanos - decodedAtNanos) / 1_000));
    timings.setInferMicros((endedAtNanos - startedAtNanos) / 1_000);
  }

  /** Its boxes were made from the raw outputs. */
  void postprocessed(long startedAtNanos, long endedAtNanos) {
    timings.setPostprocessMicros((endedAtNanos - startedAtNanos) / 1_000);
  }

  /** How near a score came to the serving threshold. */
  void uncertain(double uncertainty) {
    this.uncertainty = uncertainty;
  }

  /**
   * The answer.
   *
   * @param found the objects in the picture; empty where the model did not run on it
   */
  Answer answer(BatchModel model, List<Detection> found) {
    return new Answer(
        polled, frame == null ? null : detections(frame, model, found), error, uncertainty);
  }

  private Detections detections(Frame frame, BatchModel model, List<Detection> found) {
    return Detections.newBuilder()
        .setCameraId(frame.getCameraId())
        .setCaptureTimeMicros(frame.getCaptureTimeMicros())
        .setFrameNumber(frame.getLedger().getPublished())
        .setFramePartition(polled.record().partition())
        .setFrameOffset(polled.record().offset())
        .setWidthPx(frame.getWidthPx())
        .setHeightPx(frame.getHeightPx())
        .setOutcome(outcome())
        .setDetections(found)
        .setModelName(model.name())
        .setModelVersion(model.version())
        .setEngine(model.engine())
        .setTimings(timings)
        .setError(error == null ? null : error.message())
        .build();
  }

  private Outcome outcome() {
    if (error != null) {
      return Outcome.UNDECODABLE;
    }
    return slot == NO_SLOT ? Outcome.STALE : Outcome.DETECTED;
  }
}
