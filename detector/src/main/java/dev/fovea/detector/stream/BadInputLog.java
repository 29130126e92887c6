package dev.fovea.detector.stream;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says which records became dead letters: a line for each as long as they are few, else one now and
 * then that says how many it stands for. Committing thread only.
 */
final class BadInputLog {
  private static final Logger log = LoggerFactory.getLogger(BadInputLog.class);

  private static final long PAUSE_NANOS = Duration.ofSeconds(5).toNanos();

  private final LongSupplier nanoTime;
  private long nextLine;
  private long unsaid;

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  BadInputLog(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.nextLine = nanoTime.getAsLong();
  }

  /** The line for a dead letter that was written; empty if it is left out. */
  String line(BadInput bad) {
    long now = nanoTime.getAsLong();
    if (now - nextLine < 0) {
      unsaid++;
      return "";
    }
    String line = bad.cause().label() + ", dead letter written: " + bad.message();
    String more = unsaid == 0 ? "" : " (and " + unsaid + " before it)";
    nextLine = now + PAUSE_NANOS;
    unsaid = 0;
    return line + more;
  }

  void written(BadInput bad) {
    String line = line(bad);
    if (!line.isEmpty()) {
      log.warn("{}", line);
    }
    log.debug("{}", bad.message(), bad.error());
  }
}
