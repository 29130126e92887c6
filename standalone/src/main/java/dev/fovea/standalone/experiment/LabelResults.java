package dev.fovea.standalone.experiment;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.fovea.standalone.experiment.LabelRun.Choice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.OptionalDouble;
import java.util.TreeSet;

/**
 * All that came out.
 *
 * @param model version of the model that knows the day alone
 * @param steps of a fine-tuning
 * @param pool frames that could be chosen
 * @param heldOut frames that were measured on
 * @param byDay AP50 of the model by day, in the held-out frames' streets
 * @param atNight AP50 of the model in the held-out frames
 */
record LabelResults(
    String model,
    int steps,
    int pool,
    int heldOut,
    double byDay,
    double atNight,
    List<LabelRun> runs) {
  /** Share of the whole gain at which night counts as learned. */
  static final double ENOUGH = 0.9;

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  LabelResults {
    runs = List.copyOf(runs);
  }

  static LabelResults read(Path file) throws IOException {
    return JSON.readValue(file.toFile(), LabelResults.class);
  }

  void write(Path file) throws IOException {
    Path beside = file.resolveSibling(file.getFileName() + ".part");
    Files.writeString(beside, JSON.writeValueAsString(this) + "\n");
    Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  /** The numbers of frames that were asked for, ascending. */
  List<Integer> sizes() {
    return List.copyOf(new TreeSet<>(runs.stream().map(LabelRun::asked).toList()));
  }

  List<LabelRun> of(Choice choice, int asked) {
    return runs.stream().filter(r -> r.choice() == choice && r.asked() == asked).toList();
  }

  Statistics ap50(Choice choice, int asked) {
    return Statistics.of(of(choice, asked).stream().map(LabelRun::ap50).toList());
  }

  /** Frames that the runs learned from, on average. */
  double frames(Choice choice, int asked) {
    return of(choice, asked).stream().mapToInt(LabelRun::frames).average().orElse(0);
  }

  /**
   * AP50 at which night counts as learned: {@value #ENOUGH} of the way from the model as it is to
   * the mean of all runs with the most frames, however chosen.
   */
  double enough() {
    List<Integer> sizes = sizes();
    int most = sizes.get(sizes.size() - 1);
    double best =
        runs.stream()
            .filter(r -> r.asked() == most)
            .mapToDouble(LabelRun::ap50)
            .average()
            .orElse(0);
    return atNight + ENOUGH * (best - atNight);
  }

  /**
   * How many frames it takes to get there: where the line through the means first does.
   *
   * @return empty where it never does
   */
  OptionalDouble framesNeeded(Choice choice) {
    double enough = enough();
    double framesBefore = 0;
    double before = atNight;
    for (int size : sizes()) {
      double frames = frames(choice, size);
      double mean = ap50(choice, size).mean();
      if (mean >= enough) {
        double part = mean == before ? 1 : (enough - before) / (mean - before);
        return OptionalDouble.of(framesBefore + part * (frames - framesBefore));
      }
      framesBefore = frames;
      before = mean;
    }
    return OptionalDouble.empty();
  }
}
