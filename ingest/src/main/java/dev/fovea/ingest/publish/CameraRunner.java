package dev.fovea.ingest.publish;

import dev.fovea.ingest.source.CapturedFrame;
import dev.fovea.ingest.source.FrameSource;
import dev.fovea.ingest.source.FrameSources;
import dev.fovea.ingest.source.Pace;
import dev.fovea.ingest.source.ReadGuard;
import dev.fovea.ingest.source.SourceFailedException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one camera on one thread: opens it, publishes what it gives, opens it again when it has
 * failed. A watchdog may give a runner up that is stuck inside its source; another then takes the
 * camera over, and this one, should it ever come back, ends without a trace.
 */
final class CameraRunner implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(CameraRunner.class);

  private enum Place {
    /** In Fovea's own code, which does not block for long. */
    HOME,
    /** Inside the source, where it may be stuck. */
    IN_SOURCE,
    /** Given up while it was inside the source. */
    ABANDONED
  }

  /** How long after its deadline a read may go on before the thread is given up. */
  private static final Duration GRACE = Duration.ofSeconds(2);

  private final CameraChannel channel;
  private final FramePublisher publisher;
  private final BackOff backOff;
  private final AtomicReference<Place> place = new AtomicReference<>(Place.HOME);
  private volatile boolean stopping;
  private volatile @Nullable ReadGuard guard;

  /** Set by the thread that runs it. */
  private volatile @Nullable Thread thread;

  CameraRunner(CameraChannel channel, FramePublisher publisher, BackOff backOff) {
    this.channel = channel;
    this.publisher = publisher;
    this.backOff = backOff;
  }

  /** Thrown inside the runner's own thread once it has been given up. */
  private static final class AbandonedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    AbandonedException() {
      super("given up", null, false, false);
    }
  }

  @Override
  public void run() {
    thread = Thread.currentThread();
    try {
      while (!stopping && !readOnce()) {
        // The next try.
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (AbandonedException e) {
      log.info("Camera {}: a read that had been given up has come back", channel.id());
    }
  }

  /**
   * One connection, from its opening to its end.
   *
   * @return whether the camera is done for good
   */
  private boolean readOnce() throws InterruptedException {
    try (ReadGuard attempt = new ReadGuard()) {
      guard = attempt;
      if (stopping) {
        return true;
      }
      channel.connecting();
      try (FrameSource source = open(attempt)) {
        channel.waiting("Waiting for the first picture");
        publishAll(source);
        channel.ended(null);
        log.info("Camera {}: {} was read to its end", channel.id(), channel.settings().source());
        return true;
      }
    } catch (SourceFailedException e) {
      return failed(e);
    } catch (AbandonedException e) {
      throw e;
    } catch (RuntimeException | LinkageError e) {
      // A defect, native memory or libraries that could not be had: this camera's trouble alone.
      log.error("Camera {}: failed, and will be tried again", channel.id(), e);
      waitForNextTry("Ingest could not handle this camera: " + e.getMessage());
      return false;
    }
  }

  private FrameSource open(ReadGuard attempt) throws SourceFailedException, InterruptedException {
    enterSource();
    FrameSource source = null;
    try {
      source =
          FrameSources.open(channel.settings().source(), channel.settings().options(), attempt);
    } finally {
      leaveSource(source);
    }
    return source;
  }

  private void publishAll(FrameSource source) throws SourceFailedException, InterruptedException {
    CameraSettings settings = channel.settings();
    FrameSampler sampler = new FrameSampler(settings.framesPerSecond());
    try (FrameEncoder encoder =
        new FrameEncoder(settings.size(), settings.quality(), settings.options().maxPixels())) {
      CapturedFrame frame = next(source);
      while (frame != null) {
        channel.live();
        backOff.reset();
        channel.ledger().deliver();
        if (sampler.keeps(frame.mediaTimeMicros())) {
          publish(frame, encoder);
        } else {
          channel.ledger().sampleOut();
        }
        frame = next(source);
      }
    }
  }

  private void publish(CapturedFrame frame, FrameEncoder encoder) throws InterruptedException {
    if (waitsForKafka()) {
      publisher.awaitRoom(channel);
    } else if (!publisher.hasRoom(channel)) {
      channel.ledger().drop(DropCause.BACKPRESSURE);
      return;
    }
    EncodedPicture picture;
    try {
      picture = encoder.encode(frame.picture());
    } catch (EncodeFailedException e) {
      log.debug("Camera {}: frame {}: {}", channel.id(), frame.index(), e.getMessage());
      channel.ledger().drop(DropCause.ENCODE_FAILED);
      return;
    }
    publisher.publish(channel, frame, picture);
  }

  /** A file that is read as fast as possible need not lose frames; a camera's won't wait. */
  private boolean waitsForKafka() {
    return !channel.settings().source().kind().isLive()
        && channel.settings().options().pace() == Pace.FAST;
  }

  private @Nullable CapturedFrame next(FrameSource source)
      throws SourceFailedException, InterruptedException {
    enterSource();
    try {
      return source.next();
    } finally {
      leaveSource(null);
    }
  }

  private void enterSource() {
    if (!place.compareAndSet(Place.HOME, Place.IN_SOURCE)) {
      throw new AbandonedException();
    }
  }

  private void leaveSource(@Nullable FrameSource opened) {
    if (!place.compareAndSet(Place.IN_SOURCE, Place.HOME)) {
      if (opened != null) {
        opened.close();
      }
      throw new AbandonedException();
    }
  }

  /** Whether the camera is done for good: a file that broke after giving pictures stays broken. */
  private boolean failed(SourceFailedException failure) throws InterruptedException {
    log.warn("Camera {}: {}", channel.id(), failure.getMessage());
    boolean fileIsSpent =
        !channel.settings().source().kind().isLive()
            && failure.frames() > 0
            && !channel.settings().options().loop();
    if (fileIsSpent) {
      channel.ended(failure.reason());
      return true;
    }
    waitForNextTry(failure.reason());
    return false;
  }

  private void waitForNextTry(String why) throws InterruptedException {
    Duration wait = backOff.next();
    channel.noPicture(why, channel.nowMicros() + wait.toNanos() / 1_000);
    TimeUnit.NANOSECONDS.sleep(wait.toNanos());
  }

  /**
   * Gives the runner up if it is stuck inside its source; any thread.
   *
   * @return whether it was given up now
   */
  boolean abandonIfStuck() {
    ReadGuard current = guard;
    if (current == null
        || !current.isOverdue(GRACE)
        || !place.compareAndSet(Place.IN_SOURCE, Place.ABANDONED)) {
      return false;
    }
    current.cancel();
    return true;
  }

  /** Ends it from another thread; a read in progress is cut short. */
  void stop() {
    stopping = true;
    ReadGuard current = guard;
    if (current != null) {
      current.cancel();
    }
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }
}
