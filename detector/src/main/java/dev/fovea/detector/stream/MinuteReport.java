package dev.fovea.detector.stream;

import dev.fovea.schema.avro.Outcome;
import dev.fovea.schema.avro.StageTimings;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs a line a minute about what the detector did in it. */
public final class MinuteReport implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(MinuteReport.class);

  private final DetectorMetrics metrics;
  private final ScheduledExecutorService timer;
  private Totals last;

  /** The counters at a moment. */
  private record Totals(
      Map<Outcome, Long> outcomes, long batches, long pictures, StageTimings micros, long aborted) {

    static Totals of(DetectorMetrics metrics) {
      Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
      for (Outcome outcome : Outcome.values()) {
        outcomes.put(outcome, metrics.answered(outcome));
      }
      return new Totals(
          outcomes,
          metrics.batches(),
          metrics.batchedPictures(),
          metrics.stageMicros(),
          metrics.abortedTransactions());
    }

    long answered(Outcome outcome) {
      return outcomes.getOrDefault(outcome, 0L);
    }
  }

  public MinuteReport(DetectorMetrics metrics) {
    this.metrics = metrics;
    this.last = Totals.of(metrics);
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "detector-report");
              thread.setDaemon(true);
              return thread;
            });
  }

  public void start() {
    var unused = timer.scheduleAtFixedRate(() -> log.info("{}", line()), 1, 1, TimeUnit.MINUTES);
  }

  /** What was done since the last line. */
  String line() {
    Totals now = Totals.of(metrics);
    Totals then = last;
    last = now;
    long detected = now.answered(Outcome.DETECTED) - then.answered(Outcome.DETECTED);
    return String.format(
        Locale.ROOT,
        "Last minute: %d detected, %d stale, %d undecodable; lag %d frames; %.1f pictures a batch;"
            + " ms a frame: decode %.1f, wait %.1f, batch's inference %.1f, boxes %.1f;"
            + " %d transactions failed; since the start %s dead letters, %d frames expired,"
            + " %d releases refused%s",
        detected,
        now.answered(Outcome.STALE) - then.answered(Outcome.STALE),
        now.answered(Outcome.UNDECODABLE) - then.answered(Outcome.UNDECODABLE),
        metrics.lagFrames(),
        ratio(now.pictures() - then.pictures(), now.batches() - then.batches()),
        millis(now.micros().getDecodeMicros() - then.micros().getDecodeMicros(), detected),
        millis(now.micros().getBatchWaitMicros() - then.micros().getBatchWaitMicros(), detected),
        millis(now.micros().getInferMicros() - then.micros().getInferMicros(), detected),
        millis(
            now.micros().getPostprocessMicros() - then.micros().getPostprocessMicros(), detected),
        now.aborted() - then.aborted(),
        metrics.deadLetters(),
        metrics.expiredFrames(),
        metrics.refusedReleases(),
        metrics.waitingReaders() > 0 ? "; waits for the schema registry or a model store" : "");
  }

  private static double millis(long micros, long frames) {
    return ratio(micros, frames) / 1_000;
  }

  private static double ratio(long sum, long count) {
    return count == 0 ? 0 : (double) sum / count;
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
