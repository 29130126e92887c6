package dev.fovea.detector.stream;

import java.time.Duration;
import java.util.function.Consumer;

/** A thread that runs one stage until it is stopped, and tells when the stage fails. */
final class StageThread {

  /** What a stage does until it is interrupted. */
  interface Work {
    void run() throws Exception;
  }

  private final Thread thread;
  private volatile boolean stopping;

  StageThread(String name, Work work, Consumer<Throwable> onFailure) {
    this.thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (Throwable e) {
                if (!stopping) {
                  onFailure.accept(e);
                }
              }
            },
            name);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Waits for the end of a stage that ends by itself. */
  boolean join(Duration timeout) throws InterruptedException {
    thread.join(Math.max(1, timeout.toMillis()));
    return !thread.isAlive();
  }

  /** Interrupts the stage and waits for it; false if it is still at something that takes longer. */
  boolean stop(Duration timeout) throws InterruptedException {
    stopping = true;
    thread.interrupt();
    return join(timeout);
  }
}
