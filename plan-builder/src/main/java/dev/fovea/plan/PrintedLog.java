package dev.fovea.plan;

import java.io.PrintStream;
import org.bytedeco.tensorrt.nvinfer.ILogger;

/**
 * TensorRT's log, a line each. The first error, or else the last warning, is kept as the reason for
 * what fails after it: that there is no working driver TensorRT only warns of.
 */
final class PrintedLog extends ILogger {
  private final PrintStream out;
  private String firstError = "";
  private String lastWarning = "";

  PrintedLog(PrintStream out) {
    this.out = out;
  }

  /** Called by TensorRT, from whichever thread. */
  @Override
  public synchronized void log(Severity severity, String message) {
    Severity named = severity.intern();
    if (named == Severity.kVERBOSE) {
      return;
    }
    String line = message.lines().findFirst().orElse("").strip();
    if (named == Severity.kWARNING) {
      lastWarning = line;
    } else if (named != Severity.kINFO && firstError.isEmpty()) {
      firstError = line;
    }
    out.println(named.name().substring(1) + " " + message);
  }

  /** In one line; empty if it complained of nothing. */
  synchronized String reason() {
    return firstError.isEmpty() ? lastWarning : firstError;
  }
}
