package dev.fovea.trainer.fit;

import dev.fovea.trainer.evaluate.CocoMetrics;
import dev.fovea.trainer.export.ReleaseSummary;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * A run on a terminal: a progress bar with the losses, and a line for each evaluation and
 * checkpoint. Where there is no terminal, a line every so many steps instead.
 */
public final class ConsoleProgress implements ProgressListener, AutoCloseable {
  private static final int LINE_EVERY = 50;

  /** How much a step moves the losses shown. */
  private static final double SMOOTHING = 0.05;

  private final PrintStream out;
  private final boolean terminal;
  private final BooleanSupplier stopping;
  private @Nullable ProgressBar bar;
  private double classLoss = Double.NaN;
  private double boxLoss = Double.NaN;

  /**
   * @param terminal a bar that moves, instead of lines
   * @param stopping whether the person wants it to stop
   */
  public ConsoleProgress(PrintStream out, boolean terminal, BooleanSupplier stopping) {
    this.out = out;
    this.terminal = terminal;
    this.stopping = stopping;
  }

  @Override
  public boolean isStopAsked() {
    return stopping.getAsBoolean();
  }

  @Override
  public void started(int step, int steps, String description) {
    out.println(description);
    if (step > 0) {
      out.println("Going on from step " + step + ".");
    }
    if (terminal) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("Training")
              .setInitialMax(steps)
              .startsFrom(step, java.time.Duration.ZERO)
              .setStyle(ProgressBarStyle.ASCII)
              .setConsumer(new ConsoleProgressBarConsumer(out))
              .build();
    }
  }

  @Override
  public void stepped(Step s) {
    classLoss = smooth(classLoss, s.classLoss());
    boxLoss = smooth(boxLoss, s.boxLoss());
    String losses =
        String.format(
            Locale.ROOT,
            "class %.3f box %.3f  %.1f pictures/s",
            classLoss,
            boxLoss,
            s.picturesPerSecond());
    if (bar != null) {
      bar.stepTo(s.step()).setExtraMessage(losses);
    } else if (s.step() % LINE_EVERY == 0 || s.step() == s.steps()) {
      out.printf(
          Locale.ROOT,
          "step %d of %d  %s  gradient %.2f  rate %.2e%n",
          s.step(),
          s.steps(),
          losses,
          s.gradientNorm(),
          s.learningRate());
    }
  }

  private static double smooth(double before, double now) {
    return Double.isNaN(before) ? now : before + SMOOTHING * (now - before);
  }

  @Override
  public void evaluating(int pictures, int of) {
    if (isStopAsked()) {
      throw new TrainingStopped("stopped while evaluating");
    }
    if (bar != null) {
      bar.setExtraMessage("evaluating " + pictures + " of " + of);
    }
  }

  @Override
  public void evaluated(int step, CocoMetrics metrics, int pictures) {
    StringBuilder line = new StringBuilder();
    line.append(
        String.format(
            Locale.ROOT,
            "step %d: AP %.3f  AP50 %.3f  AP75 %.3f on %d pictures; AP50",
            step,
            metrics.ap(),
            metrics.ap50(),
            metrics.ap75(),
            pictures));
    metrics
        .classAp50()
        .forEach((n, ap) -> line.append(String.format(Locale.ROOT, " %s %.3f", n, ap)));
    say(line.toString());
  }

  @Override
  public void stoppedEarly(int step, int bestStep, double bestAp) {
    say(
        String.format(
            Locale.ROOT,
            "step %d: no better AP for schedule.patience evaluations; the weights of step %d, AP"
                + " %.3f, are released",
            step,
            bestStep,
            bestAp));
  }

  @Override
  public void saved(int step, Path checkpoint) {
    if (bar == null) {
      out.println("step " + step + ": saved " + checkpoint);
    }
  }

  @Override
  public void released(ReleaseSummary release) {
    close();
    out.printf(
        Locale.ROOT,
        "Released %s %s into %s: %.1f MB, %.1f ms a picture on one thread; largest difference from"
            + " the training graph %.2e.%n",
        release.manifest().name(),
        release.manifest().version(),
        release.folder(),
        release.modelBytes() / 1e6,
        release.millisPerPicture(),
        release.largestDifference());
  }

  private void say(String line) {
    out.println((bar != null ? "\n" : "") + line);
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
