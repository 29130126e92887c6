package dev.fovea.trainer.schedule;

import dev.fovea.trainer.labels.LabelVersion;
import dev.fovea.trainer.round.RoundRunner;
import dev.fovea.trainer.round.RoundState;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does rounds, one at a time, on a thread of its own: goes on with the one that is open, or begins
 * the next when it is due.
 */
public final class RoundLoop implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RoundLoop.class);

  private static final Duration LOOK_EVERY = Duration.ofMillis(500);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(30);

  private final RoundRunner runner;
  private final RoundSchedule schedule;
  private final LabelFeed labels;
  private final StatusFile status;
  private final int minImages;
  private final Clock clock;
  private final CountDownLatch stop;
  private final Thread thread;
  private volatile @Nullable RoundState round;
  private Instant since;
  private @Nullable Instant notBefore;
  private int fewestSaid = -1;

  /**
   * @param minImages pictures in the hold-out below which no round is begun
   * @param stop counted down when the loop is to end; the runner's rounds look at it too
   */
  public RoundLoop(
      RoundRunner runner,
      RoundSchedule schedule,
      LabelFeed labels,
      StatusFile status,
      int minImages,
      Clock clock,
      CountDownLatch stop) {
    this.runner = runner;
    this.schedule = schedule;
    this.labels = labels;
    this.status = status;
    this.minImages = minImages;
    this.clock = clock;
    this.stop = stop;
    this.since = clock.instant();
    this.thread = new Thread(this::run, "trainer-rounds");
    thread.setDaemon(true);
  }

  /**
   * Starts with the rounds that are on disk.
   *
   * @throws IOException if they cannot be read
   */
  public void start() throws IOException {
    Optional<RoundState> last = runner.last();
    round = last.orElse(null);
    // What was planned while the trainer was down is made up for.
    last.ifPresent(state -> since = state.startedAt());
    thread.start();
  }

  private void run() {
    try {
      while (!stop.await(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
        if (notBefore == null || !clock.instant().isBefore(notBefore)) {
          look();
        }
      }
    } catch (InterruptedException e) {
      // closed
    }
  }

  private void look() throws InterruptedException {
    try {
      notBefore = null;
      RoundState state = round;
      if (state != null && !state.isOver()) {
        goOn(state);
      } else if (labels.caughtUp()) {
        beginIfDue(state);
      }
    } catch (IOException | RuntimeException e) {
      notBefore = clock.instant().plus(AFTER_FAILURE);
      status.write("no round could be begun: " + e.getMessage(), round, Optional.empty());
      log.warn("No round could be begun, next look at {}: {}", notBefore, e.toString());
    }
  }

  private void goOn(RoundState state) throws InterruptedException {
    Optional<Instant> retryAt = state.retryAt();
    if (retryAt.isPresent() && clock.instant().isBefore(retryAt.get())) {
      return;
    }
    status.write("at work on round " + state.number(), state, Optional.empty());
    runner.attempt(state);
    status.write(
        state.isOver() ? "waiting" : "waiting to try round " + state.number() + " again",
        state,
        schedule.next(clock.instant()));
  }

  private void beginIfDue(@Nullable RoundState last) throws IOException {
    Instant now = clock.instant();
    long newLabels = labels.newSince(last == null ? "" : last.labelVersion());
    Optional<String> why = schedule.due(now, since, newLabels);
    if (why.isEmpty()) {
      if (schedule.timeHasCome(now, since)) {
        since = now; // with nothing new to learn from
      }
      status.write("waiting, " + newLabels + " new labels", last, schedule.next(now));
      return;
    }
    Optional<LabelVersion> version = labels.cut();
    since = now;
    if (version.isEmpty() || version.get().valPictures() < minImages) {
      tooFew(version.map(LabelVersion::valPictures).orElse(0), last, now);
      return;
    }
    log.info("A round is due: {}", why.get());
    round = runner.begin(version.get());
  }

  /** Whatever came out of it could not be promoted, so nothing is trained. */
  private void tooFew(int pictures, @Nullable RoundState last, Instant now) {
    String sentence =
        "the hold-out has %d pictures, and no round is begun with fewer than %d (gate.min-images)"
            .formatted(pictures, minImages);
    status.write(sentence, last, schedule.next(now));
    notBefore = now.plus(AFTER_FAILURE);
    if (pictures != fewestSaid) {
      fewestSaid = pictures;
      log.info("A round is due, but {}", sentence);
    }
  }

  /** The last round; empty before the first. */
  public Optional<RoundState> round() {
    return Optional.ofNullable(round);
  }

  /** Whether its thread has ended, rightly or not. */
  public boolean isOver() {
    return thread.getState() == Thread.State.TERMINATED;
  }

  @Override
  public void close() {
    stop.countDown();
    try {
      // A round stops at its next step; what takes longer is done again at the next start.
      thread.join(Duration.ofSeconds(8).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
