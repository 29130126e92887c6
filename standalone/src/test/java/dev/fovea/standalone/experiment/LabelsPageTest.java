package dev.fovea.standalone.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.standalone.experiment.LabelRun.Choice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelsPageTest {
  @TempDir Path docs;

  /** Mined reaches .5 with 8 frames, random with 32; both end there. */
  private static LabelResults results() {
    List<LabelRun> runs = new ArrayList<>();
    add(runs, Choice.MINED, 8, 7, 0.50, 0.52);
    add(runs, Choice.MINED, 16, 16, 0.50, 0.50);
    add(runs, Choice.MINED, 32, 32, 0.50, 0.50);
    add(runs, Choice.RANDOM, 8, 8, 0.20, 0.20);
    add(runs, Choice.RANDOM, 16, 16, 0.40, 0.40);
    add(runs, Choice.RANDOM, 32, 32, 0.50, 0.50);
    return new LabelResults("abc", 120, 1440, 160, 0.6, 0.1, runs);
  }

  private static void add(
      List<LabelRun> runs, Choice choice, int asked, int frames, double first, double second) {
    runs.add(new LabelRun(choice, asked, frames, 1, first, 60));
    runs.add(new LabelRun(choice, asked, frames, 2, second, 60));
  }

  @Test
  void framesNeededAreReadOffTheLineThroughTheMeans() {
    LabelResults results = results();
    assertThat(results.enough()).isEqualTo(0.1 + 0.9 * 0.4, within(1e-9));
    // From .1 with no frame to .51 with 7.
    assertThat(results.framesNeeded(Choice.MINED).orElseThrow())
        .isEqualTo(7 * 0.36 / 0.41, within(1e-9));
    // From .4 with 16 to .5 with 32.
    assertThat(results.framesNeeded(Choice.RANDOM).orElseThrow())
        .isEqualTo(16 + 16 * 0.6, within(1e-9));
  }

  @Test
  void whatIsNeverReachedIsSaid() throws IOException {
    List<LabelRun> runs = new ArrayList<>();
    add(runs, Choice.MINED, 8, 8, 0.50, 0.50);
    add(runs, Choice.RANDOM, 8, 8, 0.20, 0.20);
    LabelResults results = new LabelResults("abc", 120, 1440, 160, 0.6, 0.1, runs);
    assertThat(results.framesNeeded(Choice.RANDOM)).isEmpty();
    assertThat(LabelsPage.write(docs, results))
        .contains("5 labelled frames mined, more labelled frames than were tried at random.")
        .doesNotContain("The aim");
  }

  @Test
  void theTableIsPutBetweenTheMarksAndTheRestStays() throws IOException {
    Path page = docs.resolve("drift.md");
    Files.writeString(
        page, "By hand.\n" + LabelsPage.BEGIN + "\nold\n" + LabelsPage.END + "\nBy hand, too.\n");
    LabelsPage.write(docs, results());
    assertThat(Files.readString(page))
        .startsWith("By hand.\n" + LabelsPage.BEGIN)
        .endsWith(LabelsPage.END + "\nBy hand, too.\n")
        .doesNotContain("old")
        .contains("| 8 | 51.0 ± 1.4 (7 frames) | 20.0 ± 0.0 |")
        .contains("7 labelled frames mined, 26 labelled frames at random.")
        .contains("the first is met, and the second too (24 %).");
  }

  @Test
  void resultsComeBackAsTheyWereWritten() throws IOException {
    Path file = docs.resolve("labels.json");
    results().write(file);
    assertThat(LabelResults.read(file)).isEqualTo(results());
  }

  @Test
  void aPageWithoutMarksIsLeftAlone() throws IOException {
    Path page = docs.resolve("drift.md");
    Files.writeString(page, "By hand.\n");
    assertThatThrownBy(() -> LabelsPage.write(docs, results()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("lacks the line");
    assertThat(Files.readString(page)).isEqualTo("By hand.\n");
  }
}
