package dev.fovea.detector.stream;

import dev.fovea.schema.avro.ModelRelease;
import java.time.Duration;

/** A release whose store is out of reach, and when to try it again. One thread at a time. */
final class AwaitedRelease {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  private final ModelRelease release;
  private final long beganNanos = System.nanoTime();
  private Duration pause = FIRST_PAUSE;
  private long dueNanos = beganNanos + FIRST_PAUSE.toNanos();

  AwaitedRelease(ModelRelease release) {
    this.release = release;
  }

  ModelRelease release() {
    return release;
  }

  /** Time to the next try; zero or less once it is due. */
  Duration untilDue() {
    return Duration.ofNanos(dueNanos - System.nanoTime());
  }

  Duration waited() {
    return Duration.ofNanos(System.nanoTime() - beganNanos);
  }

  /** It was tried again, for nothing: the pause doubles up to the longest. */
  void triedAgain() {
    pause = pause.multipliedBy(2);
    if (pause.compareTo(LONGEST_PAUSE) > 0) {
      pause = LONGEST_PAUSE;
    }
    dueNanos = System.nanoTime() + pause.toNanos();
  }
}
