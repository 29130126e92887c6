package dev.fovea.standalone.download;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/**
 * Closes a stream that has been silent for too long, so that the thread that reads it goes on; the
 * HTTP client has a time limit for the answer's head only.
 */
final class Deadline implements AutoCloseable {
  private final InputStream stream;
  private final Duration silence;
  private final Thread watch;
  private long lastNanos = System.nanoTime();
  private boolean over;
  private boolean missed;

  Deadline(InputStream stream, Duration silence) {
    this.stream = stream;
    this.silence = silence;
    this.watch = new Thread(this::watch, "download-deadline");
    watch.setDaemon(true);
    watch.start();
  }

  /** Something came. */
  synchronized void extend() {
    lastNanos = System.nanoTime();
  }

  /**
   * Tells the end of a stream from its being closed here.
   *
   * @throws IOException if the stream was silent for too long
   */
  synchronized void requireKept() throws IOException {
    if (missed) {
      throw new IOException("nothing came for " + silence.toSeconds() + " s");
    }
  }

  private void watch() {
    if (isMissed()) {
      try {
        stream.close();
      } catch (IOException e) {
        // The reader finds the stream closed or sees its own error.
      }
    }
  }

  /** Waits until the deadline is missed or the stream is done with. */
  private synchronized boolean isMissed() {
    try {
      long left = silence.toNanos();
      while (!over && left > 0) {
        wait(left / 1_000_000 + 1);
        left = silence.toNanos() - (System.nanoTime() - lastNanos);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    missed = !over;
    return missed;
  }

  @Override
  public synchronized void close() {
    over = true;
    notifyAll();
  }
}
