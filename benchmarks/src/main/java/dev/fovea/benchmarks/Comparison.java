package dev.fovea.benchmarks;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Runs contenders in turn, so that a machine that grows slower does so for all of them, and reports
 * medians. A ratio is the median of the rounds' own ratios to the first contender: each compares
 * what ran side by side, however the machine's pace changes from round to round. Every second round
 * goes backwards; the first round warms up and does not count.
 */
final class Comparison {
  private final List<Entry> entries;
  private final int rounds;
  private final PrintWriter out;

  /** A contender with its runs that count. */
  private record Entry(Contender contender, List<Measurement> runs) {
    double median(ToDoubleFunction<Measurement> figure) {
      return middle(runs.stream().mapToDouble(figure));
    }

    double ratioTo(Entry reference) {
      return middle(
          IntStream.range(0, runs.size())
              .mapToDouble(
                  round ->
                      runs.get(round).framesPerSecond()
                          / reference.runs.get(round).framesPerSecond()));
    }

    private static double middle(DoubleStream values) {
      double[] sorted = values.sorted().toArray();
      int middle = sorted.length / 2;
      return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
  }

  /**
   * @param contenders the first is what the others are measured against
   */
  Comparison(List<Contender> contenders, int rounds, PrintWriter out) {
    if (rounds < 1) {
      throw new IllegalArgumentException("--rounds must be at least 1, not " + rounds);
    }
    this.entries = contenders.stream().map(c -> new Entry(c, new ArrayList<>())).toList();
    this.rounds = rounds;
    this.out = out;
  }

  void run() throws Exception {
    for (int round = 0; round <= rounds; round++) {
      List<Entry> order = new ArrayList<>(entries);
      if (round % 2 == 1) {
        Collections.reverse(order);
      }
      for (Entry entry : order) {
        Measurement run = entry.contender().run().measure();
        out.printf(
            Locale.ROOT,
            "%-9s %-28s %8.1f frames/s%n",
            round == 0 ? "warm-up" : "round " + round,
            entry.contender().name(),
            run.framesPerSecond());
        out.flush();
        if (round > 0) {
          entry.runs().add(run);
        }
      }
    }
    report();
  }

  private void report() {
    out.printf(
        Locale.ROOT,
        "%n%-28s %10s %19s %7s %14s%n",
        "median of " + rounds,
        "frames/s",
        "range",
        "ratio",
        "heap KB/frame");
    for (Entry entry : entries) {
      double[] rates =
          entry.runs().stream().mapToDouble(Measurement::framesPerSecond).sorted().toArray();
      out.printf(
          Locale.ROOT,
          "%-28s %10.1f %8.1f - %8.1f %7.3f %14.1f%n",
          entry.contender().name(),
          entry.median(Measurement::framesPerSecond),
          rates[0],
          rates[rates.length - 1],
          entry.ratioTo(entries.get(0)),
          entry.median(Measurement::heapBytesPerFrame) / 1_000);
    }
    out.flush();
  }
}
