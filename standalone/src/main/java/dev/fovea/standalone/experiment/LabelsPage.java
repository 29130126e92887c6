package dev.fovea.standalone.experiment;

import com.fasterxml.jackson.core.JacksonException;
import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.standalone.experiment.LabelRun.Choice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What {@link LabelsExperiment} found, as a part of {@code drift.md} between two marks; what stands
 * around it is a person's. The results lie beside it, so that the part can be made anew.
 */
public final class LabelsPage {
  static final String PAGE = "drift.md";
  static final String BEGIN =
      "<!-- made by `fovea experiment labels`; what is between the marks is made anew -->";
  static final String END = "<!-- end of what is made -->";

  private static final String RESULTS = "drift/labels.json";

  private LabelsPage() {}

  /**
   * Does what is left of an experiment and writes its part of the page.
   *
   * @param docs folder of the page
   * @param threads of the arithmetic, 0: PyTorch's choice
   * @return the part, for a person who waits
   */
  public static String write(Path docs, LabelsExperiment experiment, int threads)
      throws IOException, InterruptedException, ModelLoadException {
    LabelResults results = experiment.run(threads);
    Path file = docs.resolve(RESULTS);
    Files.createDirectories(docs.resolve("drift"));
    results.write(file);
    return write(docs, results);
  }

  /** Makes the part anew from the results beside the page. */
  public static String rewrite(Path docs) throws IOException {
    Path file = docs.resolve(RESULTS);
    if (!Files.exists(file)) {
      throw new IOException(file + ": is not there; run the experiment first");
    }
    try {
      return write(docs, LabelResults.read(file));
    } catch (JacksonException e) {
      throw new IOException(
          file + ": is not what the experiment writes: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * What was found, in a sentence.
   *
   * @return empty where there are no results beside the page
   */
  public static Optional<String> finding(Path docs) throws IOException {
    Path file = docs.resolve(RESULTS);
    return Files.exists(file) ? Optional.of(finding(LabelResults.read(file))) : Optional.empty();
  }

  static String write(Path docs, LabelResults results) throws IOException {
    String made = text(results);
    Path page = docs.resolve(PAGE);
    String before = Files.exists(page) ? Files.readString(page) : BEGIN + "\n" + END + "\n";
    int begin = before.indexOf(BEGIN);
    int end = before.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IOException(
          page + ": lacks the line \"" + BEGIN + "\", and after it \"" + END + "\"");
    }
    Files.writeString(
        page, before.substring(0, begin) + BEGIN + "\n\n" + made + "\n" + before.substring(end));
    return made;
  }

  private static String text(LabelResults r) {
    StringBuilder text = new StringBuilder();
    line(
        text,
        "Model %s: AP50 %s by day, %s at night. Chosen from %d frames of the first minutes of night, measured on %d of later ones,"
            + " fine-tuned for %d steps.",
        r.model(),
        percent(r.byDay()),
        percent(r.atNight()),
        r.pool(),
        r.heldOut(),
        r.steps());
    line(text, "");
    line(text, "| labelled frames | mined: AP50 at night | at random: AP50 at night |");
    line(text, "|---|---|---|");
    for (int size : r.sizes()) {
      line(
          text,
          "| %d | %s | %s |",
          size,
          cell(r, Choice.MINED, size),
          cell(r, Choice.RANDOM, size));
    }
    line(text, "");
    line(text, "%s", finding(r));
    return text.toString();
  }

  private static String finding(LabelResults r) {
    OptionalDouble mined = r.framesNeeded(Choice.MINED);
    OptionalDouble random = r.framesNeeded(Choice.RANDOM);
    return String.format(
        Locale.ROOT,
        "To reach AP50 %s, which is %.0f %% of the way from %s to the mean of all runs with %d frames:"
            + " %s mined, %s at random.%s",
        percent(r.enough()),
        100 * LabelResults.ENOUGH,
        percent(r.atNight()),
        r.sizes().get(r.sizes().size() - 1),
        frames(mined),
        frames(random),
        verdict(mined, random));
  }

  private static String cell(LabelResults r, Choice choice, int size) {
    Statistics ap50 = r.ap50(choice, size);
    String spread =
        ap50.count() < 2 ? "" : String.format(Locale.ROOT, " ± %.1f", 100 * ap50.deviation());
    double frames = r.frames(choice, size);
    String fewer = frames < size ? String.format(Locale.ROOT, " (%.0f frames)", frames) : "";
    return percent(ap50.mean()) + spread + fewer;
  }

  private static String frames(OptionalDouble needed) {
    return needed.isPresent()
        ? String.format(Locale.ROOT, "%.0f labelled frames", Math.ceil(needed.getAsDouble()))
        : "more labelled frames than were tried";
  }

  private static String verdict(OptionalDouble mined, OptionalDouble random) {
    if (mined.isEmpty() || random.isEmpty()) {
      return "";
    }
    double ratio = mined.getAsDouble() / random.getAsDouble();
    return String.format(
        Locale.ROOT,
        " The aim was fewer than 100 and at most half of what random takes: %s, and %s (%.0f %%).",
        mined.getAsDouble() < 100 ? "the first is met" : "the first is missed",
        ratio <= 0.5 ? "the second too" : "the second is not",
        100 * ratio);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f", 100 * share);
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
