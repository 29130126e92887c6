package dev.fovea.trainer.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.trainer.Golden;
import dev.fovea.trainer.data.CocoDataset;
import dev.fovea.trainer.data.LabelledPicture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MatchTableTest {
  private static final double TOLERANCE = 1e-12;

  @ParameterizedTest
  @ValueSource(strings = {"coco-eval", "coco-eval-hard"})
  void everyPictureOnceIsTheEvaluation(String name) {
    CocoDataset truth = CocoDataset.readTruth(Golden.file(name + "/ground-truth.json"));
    List<ScoredBox> found = CocoResultsFile.read(Golden.file(name + "/detections.json"), truth);
    CocoMetrics expected = new CocoEvaluator(truth).evaluate(found);

    MatchTable table = new CocoEvaluator(truth).match(found);

    int[] once = new int[truth.pictures().size()];
    Arrays.fill(once, 1);
    assertThat(table.ap(once)).isCloseTo(expected.ap(), within(TOLERANCE));
    for (int label = 0; label < truth.classes().size(); label++) {
      assertThat(table.classAp(label, once))
          .as(truth.classes().get(label))
          .isCloseTo(
              expected.classAp().getOrDefault(truth.classes().get(label), -2.0), within(TOLERANCE));
    }
  }

  /** A picture of weight 3 is the same as three pictures of other ids; of weight 0, as none. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void weightsAreCopiesOfThePicture(long seed) {
    CocoDataset truth = CocoDataset.readTruth(Golden.file("coco-eval-hard/ground-truth.json"));
    List<ScoredBox> found =
        untied(CocoResultsFile.read(Golden.file("coco-eval-hard/detections.json"), truth));
    CocoEvaluator evaluator = new CocoEvaluator(truth);
    Random random = new Random(seed);
    int[] weights = evaluator.pictureIds().stream().mapToInt(id -> random.nextInt(4)).toArray();

    double ap = evaluator.match(found).ap(weights);

    List<LabelledPicture> pictures = new ArrayList<>();
    List<ScoredBox> copies = new ArrayList<>();
    long next = 1;
    for (int p = 0; p < weights.length; p++) {
      long id = evaluator.pictureIds().get(p);
      LabelledPicture picture =
          truth.pictures().stream().filter(x -> x.id() == id).findFirst().orElseThrow();
      for (int copy = 0; copy < weights[p]; copy++, next++) {
        pictures.add(withId(picture, next));
        for (ScoredBox box : found) {
          if (box.imageId() == id) {
            copies.add(withPicture(box, next));
          }
        }
      }
    }
    CocoDataset copied =
        new CocoDataset(truth.annotationFile(), truth.classes(), truth.categoryIds(), pictures);
    assertThat(ap)
        .as("seed %d", seed)
        .isCloseTo(new CocoEvaluator(copied).evaluate(copies).ap(), within(TOLERANCE));
  }

  /**
   * Copies of a picture may not be told from one another, but detections of one picture must be.
   */
  private static List<ScoredBox> untied(List<ScoredBox> boxes) {
    List<ScoredBox> untied = new ArrayList<>();
    for (ScoredBox b : boxes) {
      double score = b.score() - 1e-9 * untied.size();
      untied.add(new ScoredBox(b.imageId(), b.label(), b.x(), b.y(), b.width(), b.height(), score));
    }
    return untied;
  }

  private static LabelledPicture withId(LabelledPicture p, long id) {
    return new LabelledPicture(
        id, p.file(), p.widthPx(), p.heightPx(), p.annotations(), p.unmarked());
  }

  private static ScoredBox withPicture(ScoredBox b, long id) {
    return new ScoredBox(id, b.label(), b.x(), b.y(), b.width(), b.height(), b.score());
  }
}
