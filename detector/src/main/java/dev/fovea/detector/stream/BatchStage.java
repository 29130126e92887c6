package dev.fovea.detector.stream;

import dev.fovea.detector.model.UndecodableImageException;
import dev.fovea.schema.avro.Frame;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * Makes batches across cameras, by size or waiting time, and has their pictures decoded. A batch
 * that is due while the next stage is busy goes on filling: waiting costs nothing then.
 *
 * <p>Runs on the batching thread. A batch's pictures are decoded by a pool from the moment each is
 * added, so that a batch is decoded while the one before is on the engine.
 */
final class BatchStage {
  private static final Duration IDLE = Duration.ofMillis(100);
  private static final Duration BUSY = Duration.ofMillis(1);

  private final StreamSettings settings;
  private final FrameQueue polled;
  private final Assignment assignment;
  private final InFlight inFlight;
  private final FrameReader reader;
  private final LiveModel model;
  private final ExecutorService decoders;
  private final BlockingQueue<FrameBatch> batches;
  private final Clock clock;

  BatchStage(
      StreamSettings settings,
      FrameQueue polled,
      Assignment assignment,
      InFlight inFlight,
      FrameReader reader,
      LiveModel model,
      ExecutorService decoders,
      BlockingQueue<FrameBatch> batches,
      Clock clock) {
    this.settings = settings;
    this.polled = polled;
    this.assignment = assignment;
    this.inFlight = inFlight;
    this.reader = reader;
    this.model = model;
    this.decoders = decoders;
    this.batches = batches;
    this.clock = clock;
  }

  /** Until interrupted. */
  void run() throws InterruptedException {
    while (true) {
      PolledFrame first = next(IDLE);
      if (first != null) {
        FrameBatch batch = new FrameBatch(model.lease(), settings.batchFrames());
        try {
          add(batch, first);
          fill(batch, settings.batchWait());
          handOver(batch);
        } catch (InterruptedException | RuntimeException e) {
          batch.abandon();
          throw e;
        }
      }
    }
  }

  /** Adds what comes until the batch is full or its time is up. */
  private void fill(FrameBatch batch, Duration wait) throws InterruptedException {
    long deadline = System.nanoTime() + wait.toNanos();
    while (!batch.isFull()) {
      PolledFrame frame = next(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
      if (frame == null && System.nanoTime() >= deadline) {
        return;
      }
      if (frame != null) {
        add(batch, frame);
      }
    }
  }

  private void handOver(FrameBatch batch) throws InterruptedException {
    while (!batch.isFull()) {
      if (batches.offer(batch)) {
        return;
      }
      PolledFrame frame = next(BUSY);
      if (frame != null) {
        add(batch, frame);
      }
    }
    batches.put(batch);
  }

  /** The next record that is still to be worked on; counted as in flight. */
  private @Nullable PolledFrame next(Duration wait) throws InterruptedException {
    PolledFrame frame = polled.take(wait);
    if (frame == null) {
      return null;
    }
    inFlight.enter(frame.partition());
    if (assignment.admits(frame)) {
      return frame;
    }
    inFlight.leave(frame.partition());
    return null;
  }

  private void add(FrameBatch batch, PolledFrame polled) throws InterruptedException {
    try {
      Frame frame = reader.read(polled);
      Instant now = clock.instant();
      if (settings.skipsStale() && age(frame, now).compareTo(settings.freshness()) > 0) {
        batch.add(PendingFrame.stale(polled, frame));
      } else {
        decode(batch, PendingFrame.inSlot(polled, frame, batch.nextSlot()), frame);
      }
    } catch (FrameReader.NotAFrameException e) {
      batch.add(PendingFrame.noFrame(polled, e.badInput()));
    }
  }

  private static Duration age(Frame frame, Instant now) {
    return Duration.between(instant(frame.getCaptureTimeMicros()), now);
  }

  private static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  private void decode(FrameBatch batch, PendingFrame pending, Frame frame) {
    batch.add(pending, decoders.submit(() -> decode(batch.pictures(), pending, frame)));
  }

  /** Decoding threads. */
  private void decode(BatchModel.Batch pictures, PendingFrame pending, Frame frame) {
    pending.queued(
        ChronoUnit.MICROS.between(instant(frame.getPublishTimeMicros()), clock.instant()));
    long started = System.nanoTime();
    BadInput error = null;
    try {
      pictures.read(pending.slot(), frame.getImage(), frame.getWidthPx(), frame.getHeightPx());
    } catch (UndecodableImageException | RuntimeException e) {
      // Whatever a picture provokes is that picture's own affair: the other cameras go on.
      error = unreadable(pending.polled(), frame, e);
    }
    pending.decoded(started, System.nanoTime(), error);
  }

  private static BadInput unreadable(PolledFrame polled, Frame frame, Exception e) {
    String why = e instanceof UndecodableImageException ? e.getMessage() : e.toString();
    String message =
        "camera %s, frame %d (%s): %s"
            .formatted(
                frame.getCameraId(), frame.getLedger().getPublished(), polled.position(), why);
    return new BadInput(BadInput.Cause.UNREADABLE_PICTURE, message, e);
  }
}
