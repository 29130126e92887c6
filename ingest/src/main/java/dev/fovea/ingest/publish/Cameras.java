package dev.fovea.ingest.publish;

import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.avro.CameraState;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All cameras of an ingest service: a thread each, a watchdog over them, and what they have to say.
 */
public final class Cameras implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Cameras.class);

  private static final Duration RESUME_TIMEOUT = Duration.ofSeconds(30);
  private static final long TICK_MILLIS = 100;
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

  private final List<SupervisedCamera> cameras;
  private final List<CameraChannel> channels;
  private final FramePublisher publisher;
  private final StatusReporter reporter;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile long lookedAtNanos = System.nanoTime();
  private final Thread watchdog = new Thread(this::watch, "fovea-ingest-watchdog");

  private Cameras(
      List<SupervisedCamera> cameras,
      List<CameraChannel> channels,
      FramePublisher publisher,
      StatusReporter reporter) {
    this.cameras = cameras;
    this.channels = channels;
    this.publisher = publisher;
    this.reporter = reporter;
  }

  /**
   * Takes each camera's ledger and capture clock up where the topics say they were, and starts to
   * read. The topics must exist.
   */
  public static Cameras start(
      KafkaSettings kafka, PublishSettings settings, List<CameraSettings> configured) {
    PastReader pastReader = new PastReader(kafka, RESUME_TIMEOUT);
    Map<String, CameraPast> past =
        pastReader.read(configured.stream().map(c -> c.id().value()).toList());
    List<CameraChannel> channels = new ArrayList<>();
    for (CameraSettings camera : configured) {
      channels.add(
          new CameraChannel(
              camera,
              settings,
              past.getOrDefault(camera.id().value(), CameraPast.NONE),
              InstantSource.system()));
    }
    FramePublisher publisher = FramePublisher.start(kafka, settings, channels, pastReader);
    List<SupervisedCamera> cameras = new ArrayList<>();
    for (CameraChannel channel : channels) {
      cameras.add(new SupervisedCamera(channel, publisher, settings));
    }
    Cameras all = new Cameras(cameras, channels, publisher, new StatusReporter(kafka));
    cameras.forEach(SupervisedCamera::start);
    all.watchdog.setDaemon(true);
    all.watchdog.start();
    return all;
  }

  private void watch() {
    try {
      while (!closing.await(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
        look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    lookedAtNanos = System.nanoTime();
    try {
      cameras.forEach(SupervisedCamera::watch);
      reporter.report(channels);
    } catch (RuntimeException e) {
      log.error("The watchdog of the cameras failed, and goes on", e);
    }
  }

  /** Time since the watchdog last looked at the cameras: it does, several times a second. */
  public Duration sinceLook() {
    return Duration.ofNanos(System.nanoTime() - lookedAtNanos);
  }

  /** Whether every camera is a file that has been read to its end. */
  public boolean allEnded() {
    return channels.stream().allMatch(channel -> channel.state() == CameraState.ENDED);
  }

  /** Stops reading, writes what is in flight, and says that the cameras are stopped. */
  @Override
  public void close() {
    cameras.forEach(SupervisedCamera::stop);
    cameras.forEach(camera -> camera.join(STOP_TIMEOUT));
    closing.countDown();
    try {
      watchdog.join(STOP_TIMEOUT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    publisher.close();
    channels.forEach(CameraChannel::stopped);
    reporter.closeWith(channels);
  }

  /** One camera's thread, replaced when it is stuck. */
  private static final class SupervisedCamera {
    /** Each stuck thread keeps what it had: with so many, the camera is left alone. */
    private static final int MOST_ABANDONED = 5;

    private final CameraChannel channel;
    private final FramePublisher publisher;
    private final BackOff backOff;
    private final List<Thread> abandoned = new ArrayList<>();
    private CameraRunner runner;
    private Thread thread;
    private long restartAtNanos;
    private boolean restartDue;

    SupervisedCamera(CameraChannel channel, FramePublisher publisher, PublishSettings settings) {
      this.channel = channel;
      this.publisher = publisher;
      this.backOff =
          new BackOff(settings.firstRetry(), settings.longestRetry(), RandomGenerator.getDefault());
      this.runner = new CameraRunner(channel, publisher, backOff);
      this.thread = newThread();
    }

    private Thread newThread() {
      Thread fresh = new Thread(runner, "fovea-camera-" + channel.id());
      fresh.setDaemon(true);
      return fresh;
    }

    void start() {
      thread.start();
    }

    /** The watchdog's look at it. */
    synchronized void watch() {
      if (runner.abandonIfStuck()) {
        abandoned.add(thread);
        Duration wait = backOff.next();
        restartAtNanos = System.nanoTime() + wait.toNanos();
        restartDue = true;
        String why =
            channel.settings().source().kind().word()
                + " source does not return from a read; it was given up";
        log.warn("Camera {}: {}", channel.id(), why);
        channel.noPicture(why, channel.nowMicros() + wait.toNanos() / 1_000);
      }
      abandoned.removeIf(t -> !t.isAlive());
      if (restartDue
          && System.nanoTime() - restartAtNanos >= 0
          && abandoned.size() < MOST_ABANDONED) {
        restartDue = false;
        runner = new CameraRunner(channel, publisher, backOff);
        thread = newThread();
        thread.start();
      }
    }

    synchronized void stop() {
      restartDue = false;
      runner.stop();
    }

    void join(Duration timeout) {
      Thread last;
      synchronized (this) {
        last = thread;
      }
      try {
        last.join(timeout.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      if (last.isAlive()) {
        log.warn("Camera {}: its source does not let go; left behind", channel.id());
      }
    }
  }
}
