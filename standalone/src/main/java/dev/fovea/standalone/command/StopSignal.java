package dev.fovea.standalone.command;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jline.utils.Signals;

/** Ctrl-C and SIGTERM: the first asks for an orderly stop, the second ends the process at once. */
final class StopSignal {
  /** Exit status of what was broken off, as a shell has it for Ctrl-C. */
  static final int STATUS_OF_BROKEN_OFF = 130;

  private final CountDownLatch stop = new CountDownLatch(1);
  private final AtomicBoolean signalled = new AtomicBoolean();

  private StopSignal() {}

  static StopSignal install() {
    StopSignal signal = new StopSignal();
    Signals.register("INT", signal::onSignal);
    Signals.register("TERM", signal::onSignal);
    return signal;
  }

  /** Asks for the orderly stop from inside, as when a service has ended by itself. */
  void request() {
    stop.countDown();
  }

  void await() throws InterruptedException {
    stop.await();
  }

  /** Waits a while; true when the stop has been asked for. */
  boolean await(long time, TimeUnit unit) throws InterruptedException {
    return stop.await(time, unit);
  }

  boolean signalled() {
    return signalled.get();
  }

  private void onSignal() {
    if (!signalled.compareAndSet(false, true)) {
      Runtime.getRuntime().halt(STATUS_OF_BROKEN_OFF);
    }
    stop.countDown();
  }
}
