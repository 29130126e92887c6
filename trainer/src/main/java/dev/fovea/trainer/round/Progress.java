package dev.fovea.trainer.round;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fovea.trainer.evaluate.CocoMetrics;
import dev.fovea.trainer.fit.ProgressListener;
import dev.fovea.trainer.fit.TrainingStopped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What training went through: lines of {@code progress.jsonl}, for the report, and now and then of
 * the log. It is also where training is stopped. On the round's thread.
 */
final class Progress implements ProgressListener {
  static final String FILE = "progress.jsonl";

  private static final Logger log = LoggerFactory.getLogger(Progress.class);
  private static final Duration LOG_EVERY = Duration.ofSeconds(30);
  private static final int POINTS = 400;

  private final int round;
  private final Path file;
  private final BooleanSupplier stopping;
  private final RoundMetrics metrics;
  private long loggedNanos = System.nanoTime();
  private double classSum;
  private double boxSum;
  private int summed;

  Progress(int round, Path folder, BooleanSupplier stopping, RoundMetrics metrics) {
    this.round = round;
    this.file = folder.resolve(FILE);
    this.stopping = stopping;
    this.metrics = metrics;
  }

  void stopIfAsked() {
    if (stopping.getAsBoolean()) {
      throw new TrainingStopped("the trainer is stopping");
    }
  }

  @Override
  public boolean isStopAsked() {
    return stopping.getAsBoolean();
  }

  @Override
  public void started(int step, int steps, String description) {
    log.info("Round {} trains from step {} of {}: {}", round, step, steps, description);
  }

  @Override
  public void stepped(Step step) {
    metrics.stepped(step);
    classSum += step.classLoss();
    boxSum += step.boxLoss();
    summed++;
    int every = Math.max(1, step.steps() / POINTS);
    if (step.step() % every == 0 || step.step() == step.steps()) {
      append(
          String.format(
              Locale.ROOT,
              "{\"step\":%d,\"class\":%.5f,\"box\":%.5f,\"rate\":%.7f}%n",
              step.step(),
              classSum / summed,
              boxSum / summed,
              step.learningRate()));
      classSum = 0;
      boxSum = 0;
      summed = 0;
    }
    if (System.nanoTime() - loggedNanos > LOG_EVERY.toNanos()) {
      loggedNanos = System.nanoTime();
      log.info(
          "Round {}: step {} of {}, loss {} + {}, {} pictures/s",
          round,
          step.step(),
          step.steps(),
          rounded(step.classLoss()),
          rounded(step.boxLoss()),
          rounded(step.picturesPerSecond()));
    }
  }

  private static String rounded(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }

  @Override
  public void evaluating(int pictures, int of) {
    stopIfAsked();
  }

  @Override
  public void evaluated(int step, CocoMetrics metrics, int pictures) {
    append(
        String.format(
            Locale.ROOT,
            "{\"step\":%d,\"AP\":%.5f,\"AP50\":%.5f}%n",
            step,
            metrics.ap(),
            metrics.ap50()));
    log.info(
        "Round {}: step {}, AP {} and AP50 {} on {} pictures",
        round,
        step,
        rounded(metrics.ap()),
        rounded(metrics.ap50()),
        pictures);
  }

  private void append(String line) {
    try {
      Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written: " + e, e);
    }
  }

  /**
   * The curves of a round, whatever it was interrupted by: of a step that was done twice, the last
   * counts, and a torn line is none.
   */
  static Curves read(Path folder) throws IOException {
    TreeMap<Integer, Loss> losses = new TreeMap<>();
    TreeMap<Integer, Accuracy> accuracies = new TreeMap<>();
    Path file = folder.resolve(FILE);
    List<String> lines = Files.isRegularFile(file) ? Files.readAllLines(file) : List.of();
    ObjectMapper json = new ObjectMapper();
    for (String line : lines) {
      try {
        JsonNode node = json.readTree(line);
        int step = node.path("step").asInt();
        if (node.has("AP")) {
          accuracies.put(
              step, new Accuracy(step, node.get("AP").asDouble(), node.path("AP50").asDouble()));
        } else if (node.has("class")) {
          losses.put(
              step, new Loss(step, node.get("class").asDouble(), node.path("box").asDouble()));
        }
      } catch (JsonProcessingException e) {
        log.debug("{}: a torn line is left out", file);
      }
    }
    return new Curves(List.copyOf(losses.values()), List.copyOf(accuracies.values()));
  }

  /** Loss and AP by step. */
  record Curves(List<Loss> losses, List<Accuracy> accuracies) {}

  /** Mean losses since the point before. */
  record Loss(int step, double classes, double boxes) {}

  /** Of the averaged weights, in training. */
  record Accuracy(int step, double ap, double ap50) {}
}
