package dev.fovea.trainer.round;

import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.trainer.fit.Checkpoint;
import dev.fovea.trainer.fit.LossDivergedException;
import dev.fovea.trainer.fit.TrainingStopped;
import dev.fovea.trainer.labels.LabelVersion;
import dev.fovea.trainer.round.RoundState.Phase;
import dev.fovea.trainer.store.LiveRelease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens rounds and tries them until they are over. Whatever goes wrong in a round stays in it: the
 * live model stays live, what was done is kept, why it failed is written down, and it is tried
 * again after a pause that doubles. One thread.
 */
public final class RoundRunner {
  private static final Logger log = LoggerFactory.getLogger(RoundRunner.class);

  private final RoundSettings settings;
  private final Retry retry;
  private final RoundFolders folders;
  private final DataVersions versions;
  private final Round.Surroundings around;

  /**
   * How often and when a round that failed is tried again.
   *
   * @param attempts without getting further, after which it is given up
   * @param firstPause doubled each time
   * @param longestPause at most
   */
  public record Retry(int attempts, Duration firstPause, Duration longestPause) {
    /** The pause after so many attempts. */
    Duration pause(int attempt) {
      Duration pause = firstPause;
      for (int i = 1; i < attempt && pause.compareTo(longestPause) < 0; i++) {
        pause = pause.multipliedBy(2);
      }
      return pause.compareTo(longestPause) < 0 ? pause : longestPause;
    }
  }

  /** The versions of the data set. */
  public interface DataVersions {
    /**
     * A version by its id.
     *
     * @throws IOException if there is no such version, or it cannot be read
     */
    LabelVersion version(String id) throws IOException;

    /** The last version; empty before the first. */
    Optional<LabelVersion> latest() throws IOException;
  }

  public RoundRunner(
      RoundSettings settings,
      Retry retry,
      RoundFolders folders,
      DataVersions versions,
      Round.Surroundings around) {
    this.settings = settings;
    this.retry = retry;
    this.folders = folders;
    this.versions = versions;
    this.around = around;
  }

  /** The round that is not over; empty where the last one is. */
  public Optional<RoundState> open() throws IOException {
    return folders.last().filter(state -> !state.phase().isOver());
  }

  /** The last round, over or not. */
  public Optional<RoundState> last() throws IOException {
    return folders.last();
  }

  /**
   * Begins a round on a version of the data set, against what is live now.
   *
   * @throws IOException if its folder cannot be written
   */
  public RoundState begin(LabelVersion labels) throws IOException {
    int number = folders.last().map(RoundState::number).orElse(0) + 1;
    RoundState state =
        new RoundState(
            number,
            labels.id(),
            labels.annotations(),
            settings.seed() + number - 1,
            around.clock().instant());
    Optional<LiveRelease> live = around.releases().live();
    live.ifPresent(l -> state.against(l.version(), l.uri(), l.manifestSha256()));
    Path folder = folders.folder(number);
    Files.createDirectories(folder);
    state.write(folder);
    log.info(
        "Round {} begins: labels {} ({} pictures, {} held out), against {}",
        number,
        labels.id(),
        labels.trainPictures(),
        labels.valPictures(),
        live.map(LiveRelease::version).orElse("no live model"));
    return state;
  }

  /**
   * Tries a round once. Afterwards it is over, or {@link RoundState#retryAt} says when to try
   * again.
   *
   * @return whether it was stopped, to be gone on with at the next start
   */
  public boolean attempt(RoundState state) throws InterruptedException {
    Path folder = folders.folder(state.number());
    try {
      // Before the attempt, so that one that takes the process along is counted too.
      int step = step(folder);
      state.attempt(step);
      if (step == 0 && state.phase() == Phase.TRAINING) {
        // Where labels were at fault, later ones may have put them right.
        versions.latest().ifPresent(v -> state.relabel(v.id(), v.annotations()));
      }
      state.write(folder);
      around.metrics().works(state);
      if (state.attempts() > retry.attempts()) {
        giveUp(state, folder, "the process ended in the middle each time");
        return false;
      }
      new Round(settings, state, folder, versions.version(state.labelVersion()), around).run();
      state.worked();
      state.write(folder);
      folders.prune(settings.keep());
    } catch (TrainingStopped e) {
      state.attemptStopped();
      write(state, folder);
      log.info("Round {} stops here and goes on at the next start", state.number());
      return true;
    } catch (LossDivergedException e) {
      startAgainSlower(state, folder, e);
    } catch (IOException | ModelLoadException | RuntimeException e) {
      failed(state, folder, e);
    } finally {
      around.metrics().rests(state);
    }
    return false;
  }

  private static int step(Path folder) {
    Path checkpoint = folder.resolve(Round.TRAINING).resolve(Checkpoint.FILE_NAME);
    try {
      return Files.isRegularFile(checkpoint) ? Checkpoint.readStep(checkpoint) : 0;
    } catch (IOException e) {
      return 0; // The attempt itself will say what is wrong with it.
    }
  }

  /** The same steps from the same checkpoint would diverge again. */
  private void startAgainSlower(RoundState state, Path folder, LossDivergedException e) {
    state.halveLearningRate();
    try {
      RoundFolders.deleteAll(folder.resolve(Round.TRAINING));
    } catch (IOException kept) {
      log.warn("Round {}: {}", state.number(), kept.getMessage());
    }
    failed(state, folder, e);
  }

  private void failed(RoundState state, Path folder, Exception e) {
    String why = e.getMessage() == null ? e.toString() : e.getMessage();
    log.debug("Round {} failed", state.number(), e);
    around.metrics().attemptFailed();
    if (state.attempts() >= retry.attempts()) {
      giveUp(state, folder, why);
      return;
    }
    Duration pause = retry.pause(state.attempts());
    Instant next = around.clock().instant().plus(pause);
    state.failed(why, next);
    write(state, folder);
    log.warn(
        "Round {} failed (attempt {} of {}), the live model stays live, next try at {}: {}",
        state.number(),
        state.attempts(),
        retry.attempts(),
        next,
        why);
  }

  private void giveUp(RoundState state, Path folder, String why) {
    state.failed(why, around.clock().instant());
    state.end(
        Phase.GIVEN_UP,
        "Given up after %d attempts that got no further: %s".formatted(retry.attempts(), why),
        around.clock().instant());
    around.metrics().over(state);
    write(state, folder);
    log.error("Round {}: {}", state.number(), state.outcome().orElse(""));
  }

  /** A full disk must not keep the reason from the log, nor the round from being tried again. */
  private static void write(RoundState state, Path folder) {
    try {
      state.write(folder);
    } catch (IOException e) {
      log.warn("Round {}: its state cannot be written: {}", state.number(), e.toString());
    }
  }
}
