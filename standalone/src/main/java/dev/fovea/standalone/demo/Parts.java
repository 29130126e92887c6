package dev.fovea.standalone.demo;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has been started, closed in the reverse order. */
public final class Parts implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Parts.class);

  private final Deque<AutoCloseable> started = new ArrayDeque<>();

  /** Keeps a part to be closed, and returns it. */
  public <T extends AutoCloseable> T add(T part) {
    started.push(part);
    return part;
  }

  /** Closes them all; one that fails to close is in the log, and keeps none of the others open. */
  @Override
  public void close() {
    while (!started.isEmpty()) {
      AutoCloseable part = started.pop();
      try {
        part.close();
      } catch (Exception e) {
        log.warn("while stopping {}", part.getClass().getName(), e);
      }
    }
  }
}
