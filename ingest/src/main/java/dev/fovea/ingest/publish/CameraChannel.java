package dev.fovea.ingest.publish;

import dev.fovea.schema.avro.CameraState;
import dev.fovea.schema.avro.CameraStatus;
import dev.fovea.schema.avro.FrameLedger;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one camera while ingest runs, whichever thread reads it at the moment: its
 * ledger, its capture clock, what waits for Kafka, and its state. Any thread; the lock of the
 * channel itself keeps stamping and sending of a frame together.
 */
final class CameraChannel {
  private final CameraSettings settings;
  private final PublishSettings limits;
  private final InstantSource clock;
  private final CameraLedger ledger;
  private final CaptureClock captureClock;
  private final RateMeter rate = new RateMeter();

  private int framesInFlight;
  private long bytesInFlight;

  private CameraState state = CameraState.CONNECTING;
  private @Nullable String cause;
  private long sinceMicros;
  private @Nullable Long retryAtMicros;
  private int attempt;
  private @Nullable Long lastCaptureTimeMicros;
  private int widthPx;
  private int heightPx;
  private long corruptFrames;
  private boolean changed = true;
  private long reportedAtMicros;

  CameraChannel(
      CameraSettings settings, PublishSettings limits, CameraPast past, InstantSource clock) {
    this.settings = settings;
    this.limits = limits;
    this.clock = clock;
    this.ledger = new CameraLedger(past.ledger());
    this.lastCaptureTimeMicros = past.lastCaptureTimeMicros();
    this.captureClock = new CaptureClock(past.lastCaptureOr(Long.MIN_VALUE));
    this.sinceMicros = nowMicros();
  }

  CameraSettings settings() {
    return settings;
  }

  String id() {
    return settings.id().value();
  }

  CameraLedger ledger() {
    return ledger;
  }

  CaptureClock captureClock() {
    return captureClock;
  }

  long nowMicros() {
    Instant now = clock.instant();
    return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
  }

  /**
   * Whether one more frame may wait for Kafka. The limit of bytes may be passed by one frame, so
   * that a frame larger than it is not shut out for ever.
   */
  synchronized boolean hasRoom() {
    return framesInFlight < limits.inFlightFrames() && bytesInFlight < limits.inFlightBytes();
  }

  /** Waits for room, for {@code atMost}. */
  synchronized void awaitRoom(Duration atMost) throws InterruptedException {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (!hasRoom()) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }

  synchronized void takeRoom(long bytes) {
    framesInFlight++;
    bytesInFlight += bytes;
  }

  synchronized void giveRoomBack(long bytes) {
    framesInFlight--;
    bytesInFlight -= bytes;
    notifyAll();
  }

  /** All that was in flight is gone, with the producer that had it. */
  synchronized void forgetInFlight() {
    framesInFlight = 0;
    bytesInFlight = 0;
  }

  /** Kafka has taken a frame. */
  synchronized void published(long captureTimeMicros, int width, int height, boolean corrupt) {
    rate.mark(System.nanoTime());
    lastCaptureTimeMicros = captureTimeMicros;
    widthPx = width;
    heightPx = height;
    if (corrupt) {
      corruptFrames++;
    }
  }

  /** A try to connect begins. After a failure the camera stays NO_PICTURE until a picture comes. */
  synchronized void connecting() {
    attempt++;
    if (state != CameraState.NO_PICTURE) {
      enter(CameraState.CONNECTING, null, null);
    }
  }

  /** The source is open, its first picture is not there yet. */
  synchronized void waiting(String forWhat) {
    if (state == CameraState.CONNECTING) {
      enter(CameraState.CONNECTING, forWhat, null);
    }
  }

  synchronized void live() {
    if (state != CameraState.LIVE) {
      attempt = 0;
      enter(CameraState.LIVE, null, null);
    }
  }

  synchronized void noPicture(String why, long nextTryMicros) {
    enter(CameraState.NO_PICTURE, why, nextTryMicros);
  }

  synchronized void ended(@Nullable String why) {
    enter(CameraState.ENDED, why, null);
  }

  synchronized void stopped() {
    // A file that has ended has not been cut short by the shut-down.
    if (state != CameraState.ENDED) {
      enter(CameraState.STOPPED, "Ingest was shut down in order", null);
    }
    changed = true;
  }

  private void enter(CameraState next, @Nullable String why, @Nullable Long retryAt) {
    if (state != next) {
      sinceMicros = nowMicros();
    }
    state = next;
    cause = why;
    retryAtMicros = retryAt;
    changed = true;
  }

  synchronized CameraState state() {
    return state;
  }

  /** The status to be said now: after a change, or when the last one is old; else null. */
  synchronized @Nullable CameraStatus takeDueStatus() {
    long now = nowMicros();
    if (!changed && now - reportedAtMicros < limits.statusInterval().toNanos() / 1_000) {
      return null;
    }
    changed = false;
    reportedAtMicros = now;
    FrameLedger settled = ledger.settled();
    return CameraStatus.newBuilder()
        .setCameraId(id())
        .setState(state)
        .setCause(cause)
        .setSinceMicros(sinceMicros)
        .setReportedAtMicros(now)
        .setRetryAtMicros(retryAtMicros)
        .setAttempt(attempt)
        .setLastCaptureTimeMicros(lastCaptureTimeMicros)
        .setSource(settings.source().toString())
        .setWidthPx(widthPx)
        .setHeightPx(heightPx)
        .setFramesPerSecond(rate.perSecond(System.nanoTime()))
        .setCorruptFrames(corruptFrames)
        .setLedger(settled)
        .build();
  }

  /** The last status could not be said: it is due again. */
  synchronized void statusLost() {
    changed = true;
  }
}
