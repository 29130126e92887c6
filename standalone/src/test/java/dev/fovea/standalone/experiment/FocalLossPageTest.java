package dev.fovea.standalone.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.trainer.loss.FocalLoss;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FocalLossPageTest {
  @TempDir Path docs;

  @Test
  void theTableAndTheFindingsAreComputed() throws IOException {
    FocalLossPage.write(docs, results());
    String page = Files.readString(docs.resolve("focal-loss.md"));
    assertThat(page)
        .contains("| CE | 20.0 ± 1.0 | 40.0 ± 2.0 | 3 | 5.00 | 0.500 | 30.2 | 46.7 | 1a, α .5 |")
        .contains("| CE, no prior | diverged 3 of 3 |")
        .contains("| balanced CE, α .25 | not run |")
        .contains("- The highest mean AP is that of FL, γ 2, α .25, 26.0")
        .contains(
            "- FL with γ = 2 against CE: +6.0 AP (± 0.0), higher with 3 of 3 seeds (the paper's:"
                + " +3.8).")
        .contains("ce-no-prior with seed 2 at step 7")
        .contains("Pictures: 200 to learn from")
        .contains("AdamW at 0.002")
        .contains("| 0 | 100 % |");
    assertThat(docs.resolve("focal-loss/loss-against-probability.svg")).isNotEmptyFile();
    assertThat(docs.resolve("focal-loss/background.svg")).isNotEmptyFile();
  }

  @Test
  void thePageIsMadeAnewFromItsResultsAndWhatAPersonWroteStays() throws IOException {
    FocalLossPage.write(docs, results());
    Path file = docs.resolve("focal-loss.md");
    String written =
        Files.readString(file).replace("made anew -->", "made anew -->\nBy hand: the reason.");
    Files.writeString(file, written);
    FocalLossPage.rewrite(docs);
    assertThat(Files.readString(file)).isEqualTo(written);
  }

  @Test
  void withoutResultsThereIsNoPage() {
    assertThatThrownBy(() -> FocalLossPage.rewrite(docs))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("results.json")
        .hasMessageContaining("run the experiment first");
  }

  @Test
  void concentrationIsTheSortedLossAddedUp() {
    // Cross entropy of e^-1, e^-2, e^-5: 1, 2, 5.
    float[] p = {(float) Math.exp(-2), (float) Math.exp(-5), (float) Math.exp(-1)};
    List<Double> line = Concentration.cumulative(p, new FocalLoss(-1, 0));
    assertThat(line.get(0)).isZero();
    assertThat(line.get(Concentration.PARTS / 2)).isCloseTo(1 / 8.0, within(1e-6));
    assertThat(line.get(Concentration.PARTS - 1)).isCloseTo(3 / 8.0, within(1e-6));
    assertThat(line.get(Concentration.PARTS)).isCloseTo(1, within(1e-9));
    assertThat(Concentration.hardest(line, 0.5)).isCloseTo(7 / 8.0, within(1e-6));
  }

  @Test
  void rankCorrelationIsOneInTheSameOrderAndMinusOneInTheOther() {
    List<Double> a = List.of(1.0, 2.0, 9.0, 4.0);
    assertThat(Statistics.rankCorrelation(a, List.of(10.0, 11.0, 13.0, 12.0))).isEqualTo(1);
    assertThat(Statistics.rankCorrelation(a, List.of(13.0, 12.0, 10.0, 11.0))).isEqualTo(-1);
  }

  @Test
  void aFolderOfAnotherExperimentIsRefused() throws IOException {
    ResultFiles.write(docs.resolve("experiment.json"), Map.of("schedule.steps", "7"));
    FocalLossExperiment experiment =
        new FocalLossExperiment(
            docs, new FocalLossExperiment.Plan(9, 1, 1), List.of(), new Silent());
    assertThatThrownBy(() -> experiment.run(1, 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(docs.toString())
        .hasMessageContaining("schedule.steps")
        .hasMessageContaining("--out");
  }

  @Test
  void aLossThatIsNoneIsRefused() {
    assertThatThrownBy(
            () ->
                new FocalLossExperiment(
                    docs,
                    new FocalLossExperiment.Plan(1, 1, 1),
                    List.of("ce", "hinge"),
                    new Silent()))
        .hasMessageContaining("--runs ce,hinge")
        .hasMessageContaining("fl-0.5");
  }

  private static final class Silent implements Progress {}

  private static Results results() {
    List<RunResult> runs = new ArrayList<>();
    for (long seed = 1; seed <= 3; seed++) {
      double ap = 0.18 + 0.01 * seed;
      runs.add(new RunResult("ce-no-prior", seed, OptionalInt.of(7), 0, 0, 90, Double.NaN, 1));
      runs.add(new RunResult("ce", seed, OptionalInt.empty(), ap, 2 * ap, 5, 0.5, 1));
      runs.add(new RunResult("fl-2", seed, OptionalInt.empty(), ap + 0.06, 2 * ap, 1, 0.2, 1));
    }
    Map<Double, List<Double>> lines = new TreeMap<>();
    List<Double> line = new ArrayList<>();
    for (int part = 0; part <= Concentration.PARTS; part++) {
      line.add(part == Concentration.PARTS ? 1.0 : 0.0);
    }
    Concentration.GAMMAS.forEach(gamma -> lines.put(gamma, line));
    return new Results(
        Map.of("pictures.train", "200", "optimizer.learning-rate", "0.002"),
        runs,
        Optional.of(new Concentration(10, 1000, lines, lines)));
  }
}
