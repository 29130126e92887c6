package dev.fovea.trainer.round;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How far a round is: {@code round.json} in its folder, written whole at every step, so that
 * whoever comes after a crash knows what is done. Owned by the round's thread.
 */
@JsonAutoDetect(
    fieldVisibility = Visibility.ANY,
    getterVisibility = Visibility.NONE,
    isGetterVisibility = Visibility.NONE)
public final class RoundState {
  /** The file's name, in a round's folder and in the release it made. */
  public static final String FILE = "round.json";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          // A later version may know more.
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /** What a round has come to. */
  public enum Phase {
    TRAINING,
    MEASURING,
    STORING,
    /** Over: the candidate is live. */
    PROMOTED,
    /** Over: the gate refused the candidate, or another model went live meanwhile. */
    REFUSED,
    /** Over: it failed too often without getting further. */
    GIVEN_UP;

    boolean isOver() {
      return this == PROMOTED || this == REFUSED || this == GIVEN_UP;
    }
  }

  private int number;
  private Phase phase = Phase.TRAINING;
  private String labelVersion = "";
  private long annotations;
  private String startedAt = "";
  private @Nullable String finishedAt;
  private @Nullable String liveVersion;
  private @Nullable String liveUri;
  private @Nullable String liveManifestSha256;
  private String startedFrom = "";
  private double learningRateFactor = 1;
  private long seed;
  private int attempts;
  private int stepAtLastAttempt;
  private @Nullable String failure;
  private @Nullable String retryAt;
  private @Nullable String candidateVersion;
  private @Nullable String candidateUri;
  private @Nullable Verdict verdict;
  private @Nullable String outcome;

  /** For Jackson. */
  RoundState() {}

  RoundState(int number, String labelVersion, long annotations, long seed, Instant now) {
    this.number = number;
    this.labelVersion = labelVersion;
    this.annotations = annotations;
    this.seed = seed;
    this.startedAt = now.toString();
  }

  /**
   * Reads a round's state.
   *
   * @throws IOException naming the file and what is wrong with it
   */
  public static RoundState read(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    try {
      return parse(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw new IOException(
          file
              + ": is no round's state: "
              + e.getOriginalMessage()
              + "; delete the folder to go on",
          e);
    }
  }

  /**
   * The same of the file's bytes.
   *
   * @throws JsonProcessingException if they are no round's state
   */
  public static RoundState parse(byte[] json) throws JsonProcessingException {
    return JSON.readValue(new String(json, StandardCharsets.UTF_8), RoundState.class);
  }

  /** Writes it beside the target, forces it to disk, and renames it. */
  void write(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    Path part = folder.resolve(FILE + ".part");
    Files.write(part, text().getBytes(StandardCharsets.UTF_8));
    try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private String text() {
    try {
      return JSON.writeValueAsString(this) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a round's state is always JSON", e);
    }
  }

  public int number() {
    return number;
  }

  public Phase phase() {
    return phase;
  }

  /** Whether nothing more happens to it. */
  public boolean isOver() {
    return phase.isOver();
  }

  void enter(Phase next) {
    phase = next;
  }

  /** The data set's version. */
  public String labelVersion() {
    return labelVersion;
  }

  /** Annotations in that version, since the data set's beginning. */
  public long annotations() {
    return annotations;
  }

  /** Takes a later version of the data set, where training has not begun. */
  void relabel(String version, long labels) {
    labelVersion = version;
    annotations = labels;
  }

  public Instant startedAt() {
    return Instant.parse(startedAt);
  }

  public Optional<Instant> finishedAt() {
    return Optional.ofNullable(finishedAt).map(Instant::parse);
  }

  /** Version of the model it is measured against. */
  public Optional<String> liveVersion() {
    return Optional.ofNullable(liveVersion);
  }

  /** Where that model's folder is. */
  public Optional<String> liveUri() {
    return Optional.ofNullable(liveUri);
  }

  /** The sum of that model's manifest. */
  public Optional<String> liveManifestSha256() {
    return Optional.ofNullable(liveManifestSha256);
  }

  /** The model to be measured against and started from. */
  void against(String version, String uri, String manifestSha256) {
    liveVersion = version;
    liveUri = uri;
    liveManifestSha256 = manifestSha256;
  }

  /** What the weights began as, in words. */
  public String startedFrom() {
    return startedFrom;
  }

  void startedFrom(String words) {
    startedFrom = words;
  }

  public long seed() {
    return seed;
  }

  /** The learning rate is multiplied by it; halved each time training diverged. */
  public double learningRateFactor() {
    return learningRateFactor;
  }

  void halveLearningRate() {
    learningRateFactor /= 2;
  }

  /** Attempts since it last got further. */
  public int attempts() {
    return attempts;
  }

  /** Counts an attempt that begins; progress since the last one makes it the first again. */
  void attempt(int step) {
    attempts = step > stepAtLastAttempt ? 1 : attempts + 1;
    stepAtLastAttempt = step;
    retryAt = null;
  }

  /** An attempt that was stopped from outside is none. */
  void attemptStopped() {
    attempts = Math.max(0, attempts - 1);
  }

  /** Why the last attempt failed; empty once a later one did not. */
  public Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  void failed(String why, Instant nextTry) {
    failure = why;
    retryAt = nextTry.toString();
  }

  void worked() {
    failure = null;
    attempts = 0;
  }

  /** When it is tried again. */
  public Optional<Instant> retryAt() {
    return Optional.ofNullable(retryAt).map(Instant::parse);
  }

  public Optional<String> candidateVersion() {
    return Optional.ofNullable(candidateVersion);
  }

  void candidate(String version) {
    candidateVersion = version;
  }

  /** Where the candidate is kept. */
  public Optional<String> candidateUri() {
    return Optional.ofNullable(candidateUri);
  }

  void kept(String uri) {
    candidateUri = uri;
  }

  public Optional<Verdict> verdict() {
    return Optional.ofNullable(verdict);
  }

  void judged(Verdict found) {
    verdict = found;
  }

  /** What came of it, a sentence; empty while it goes on. */
  public Optional<String> outcome() {
    return Optional.ofNullable(outcome);
  }

  void end(Phase as, String sentence, Instant now) {
    phase = as;
    outcome = sentence;
    finishedAt = now.toString();
    retryAt = null;
  }
}
