package dev.fovea.standalone.command;

import dev.fovea.detector.engine.PlanBuilder;
import java.io.PrintWriter;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Says how far the building of a plan is: one line that moves on a terminal, else one line a step
 * and one each half minute. TensorRT does not say how long a step will last.
 */
final class BuildProgress implements PlanBuilder.Progress, AutoCloseable {
  private static final int SECONDS_BETWEEN_LINES = 30;

  private final PrintWriter out;
  private final String what;
  private final boolean moving = Terminal.isInteractive();
  private final long began = System.nanoTime();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "build-progress");
            thread.setDaemon(true);
            return thread;
          });
  private String step = "";

  BuildProgress(PrintWriter out, int batch, boolean fp16) {
    this.out = out;
    this.what = "batches of %d, %s".formatted(batch, fp16 ? "fp16" : "fp32");
    long period = moving ? 1 : SECONDS_BETWEEN_LINES;
    var unused = timer.scheduleAtFixedRate(this::say, period, period, TimeUnit.SECONDS);
  }

  @Override
  public synchronized void step(String next) {
    step = next;
    say();
  }

  private synchronized void say() {
    if (!step.isEmpty()) {
      String line = "  %s: %s, %d s".formatted(what, step, seconds());
      out.print(moving ? "\r\033[K" + line : line + System.lineSeparator());
      out.flush();
    }
  }

  /** The plan is there. */
  synchronized void done(PlanBuilder.Plan plan) {
    step = "";
    out.printf(
        "%s  %s: %s %s%n",
        moving ? "\r\033[K" : "",
        what,
        plan.isNew() ? "built in " + seconds() + " s:" : "is there:",
        plan.file());
    out.flush();
  }

  private long seconds() {
    return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began);
  }

  @Override
  public synchronized void close() {
    timer.shutdownNow();
    if (moving && !step.isEmpty()) {
      out.println();
      out.flush();
    }
  }
}
