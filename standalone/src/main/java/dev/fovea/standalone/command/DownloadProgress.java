package dev.fovea.standalone.command;

import java.io.PrintWriter;
import java.util.Locale;

/** How far a download is: a bar that moves on a terminal, else a line a tenth. */
final class DownloadProgress {
  private static final int TENTHS = 10;
  private static final int BAR = 30;
  private static final long STEP_OF_UNKNOWN_BYTES = 10_000_000;

  private final PrintWriter out;
  private final boolean moves;
  private String file = "";
  private long lastStep;

  DownloadProgress(PrintWriter out) {
    this(out, Terminal.isInteractive());
  }

  DownloadProgress(PrintWriter out, boolean moves) {
    this.out = out;
    this.moves = moves;
  }

  /**
   * Some more is there.
   *
   * @param total bytes; 0 while nobody said
   */
  void fetched(String name, long done, long total) {
    long step = total == 0 ? done / STEP_OF_UNKNOWN_BYTES : done * (moves ? 1_000 : TENTHS) / total;
    if (name.equals(file) && step == lastStep) {
      return;
    }
    file = name;
    lastStep = step;
    out.print(moves ? "\r" : "");
    out.print("  " + name + "  " + bar(done, total) + size(done, total));
    out.print(moves && done != total ? "" : System.lineSeparator());
    out.flush();
  }

  private String bar(long done, long total) {
    if (!moves || total == 0) {
      return "";
    }
    int filled = (int) (done * BAR / total);
    return "[" + "=".repeat(filled) + " ".repeat(BAR - filled) + "]  ";
  }

  private static String size(long done, long total) {
    double unit = Math.max(done, total) < 1_000_000_000 ? 1e6 : 1e9;
    String name = unit == 1e6 ? "MB" : "GB";
    return total == 0
        ? String.format(Locale.ROOT, "%.2f %s", done / unit, name)
        : String.format(Locale.ROOT, "%.2f of %.2f %s", done / unit, total / unit, name);
  }
}
