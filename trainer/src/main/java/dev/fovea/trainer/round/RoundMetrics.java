package dev.fovea.trainer.round;

import dev.fovea.trainer.fit.ProgressListener.Step;
import dev.fovea.trainer.round.RoundState.Phase;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What rounds do and have come to, for a monitor: told on the round's thread, read on any. Rounds
 * of earlier processes count too, as far as their folders are there.
 */
public final class RoundMetrics {
  private static final Logger log = LoggerFactory.getLogger(RoundMetrics.class);

  private final Map<Phase, LongAdder> over = new EnumMap<>(Phase.class);
  private final LongAdder failedAttempts = new LongAdder();
  private volatile Optional<Phase> working = Optional.empty();
  private volatile Optional<Last> last = Optional.empty();
  private volatile @Nullable Step step;
  private volatile @Nullable Instant promotedAt;

  /**
   * What is known of the last round.
   *
   * @param finishedAt empty while it is not over
   * @param accuracies AP on the hold-out by model, {@code candidate} and {@code live}; empty before
   *     the gate has judged
   */
  public record Last(
      int number, Instant startedAt, Optional<Instant> finishedAt, Map<String, Double> accuracies) {

    /** From its beginning to its end, or to now. */
    public Duration duration(Instant now) {
      return Duration.between(startedAt, finishedAt.orElse(now));
    }
  }

  public RoundMetrics() {
    for (Phase phase : Phase.values()) {
      if (phase.isOver()) {
        over.put(phase, new LongAdder());
      }
    }
  }

  /**
   * Counts the rounds on disk; one that cannot be read is left out.
   *
   * @throws IOException if their folders cannot be listed
   */
  public static RoundMetrics of(RoundFolders folders) throws IOException {
    RoundMetrics metrics = new RoundMetrics();
    for (int number : folders.numbers()) {
      try {
        RoundState state = folders.read(number);
        metrics.saw(state);
        if (state.isOver()) {
          metrics.count(state);
        }
      } catch (IOException e) {
        log.warn("Round {} is left out of the metrics: {}", number, e.getMessage());
      }
    }
    return metrics;
  }

  /** An attempt is at work on a round, in its present phase. */
  void works(RoundState state) {
    working = Optional.of(state.phase());
    saw(state);
  }

  /** No attempt is at work. */
  void rests(RoundState state) {
    working = Optional.empty();
    step = null;
    saw(state);
  }

  void stepped(Step now) {
    step = now;
  }

  void attemptFailed() {
    failedAttempts.increment();
  }

  /** A round has just come to its end. */
  void over(RoundState state) {
    count(state);
    saw(state);
  }

  private void count(RoundState state) {
    LongAdder adder = over.get(state.phase());
    if (adder != null) {
      adder.increment();
    }
    if (state.phase() == Phase.PROMOTED) {
      promotedAt = state.finishedAt().orElse(promotedAt);
    }
  }

  private void saw(RoundState state) {
    last =
        Optional.of(
            new Last(
                state.number(),
                state.startedAt(),
                state.finishedAt(),
                accuracies(state.verdict())));
  }

  private static Map<String, Double> accuracies(Optional<Verdict> verdict) {
    Map<String, Double> accuracies = new TreeMap<>();
    Map<String, Double> figures =
        verdict.flatMap(Verdict::gain).map(Verdict.Finding::figures).orElse(Map.of());
    for (String model : List.of(Gate.CANDIDATE, Gate.LIVE)) {
      Double ap = figures.get(model);
      if (ap != null) {
        accuracies.put(model, ap);
      }
    }
    return accuracies;
  }

  /** Rounds that are over, by outcome: promoted, refused or given_up. */
  public Map<String, Long> over() {
    Map<String, Long> byOutcome = new TreeMap<>();
    over.forEach((phase, count) -> byOutcome.put(word(phase), count.sum()));
    return byOutcome;
  }

  /** Attempts that failed since this process started. */
  public long failedAttempts() {
    return failedAttempts.sum();
  }

  /** The phase of the round that is at work; empty while none is. */
  public Optional<String> phase() {
    return working.map(RoundMetrics::word);
  }

  /** The last step of the training that is under way; empty while none is. */
  public Optional<Step> step() {
    return Optional.ofNullable(step);
  }

  /** The last round; empty before the first. */
  public Optional<Last> last() {
    return last;
  }

  /** When a round last made its model live. */
  public Optional<Instant> promotedAt() {
    return Optional.ofNullable(promotedAt);
  }

  private static String word(Phase phase) {
    return phase.name().toLowerCase(Locale.ROOT);
  }
}
