package dev.fovea.trainer.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.trainer.Golden;
import dev.fovea.trainer.data.CocoDataset;
import dev.fovea.trainer.data.LabelledPicture;
import dev.fovea.trainer.data.LabelledPicture.Annotation;
import dev.fovea.trainer.evaluate.ErrorBreakdown.Cause;
import dev.fovea.trainer.evaluate.ErrorBreakdown.Share;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ErrorBreakdownTest {
  /** A car at the left and a person at the right. */
  private static final Annotation CAR = box(1, 0, 0);

  private static final Annotation PERSON = box(2, 1, 200);

  @Test
  void whatIsRightHasNoCause() {
    ErrorBreakdown errors = shares(detection(0, 0, 0.9), detection(1, 200, 0.8));
    assertThat(Cause.values()).allMatch(c -> errors.share(c).equals(new Share(0, 0)));
  }

  @Test
  void aWrongClassInTheRightPlaceIsTheClassAndTheBoxIsNotMissed() {
    ErrorBreakdown errors = shares(detection(0, 0, 0.9), detection(0, 200, 0.8));
    assertThat(errors.share(Cause.CLASS).count()).isOne();
    assertThat(errors.share(Cause.MISSED).count()).isZero();
    // Cars are whole (the wrong one ranks below), people go from 0 to 1: half of the mean.
    assertThat(errors.share(Cause.CLASS).ap50Gain()).isCloseTo(0.5, within(1e-9));
  }

  @Test
  void theRightClassAsideIsThePlace() {
    // Shifted by 60 of 100 px: IoU 40 / 160.
    ErrorBreakdown errors = shares(detection(0, 60, 0.9), detection(1, 200, 0.8));
    assertThat(errors.share(Cause.PLACE).count()).isOne();
    assertThat(errors.share(Cause.PLACE).ap50Gain()).isCloseTo(0.5, within(1e-9));
    assertThat(errors.share(Cause.MISSED).count()).isZero();
  }

  @Test
  void theWrongClassAsideIsBoth() {
    ErrorBreakdown errors = shares(detection(1, 60, 0.95), detection(1, 200, 0.8));
    assertThat(errors.share(Cause.BOTH).count()).isOne();
    // The person is found second: precision 1/2 at every recall, 1 without the wrong one.
    assertThat(errors.share(Cause.BOTH).ap50Gain()).isCloseTo(0.25, within(1e-9));
    assertThat(errors.share(Cause.MISSED).count()).isOne();
  }

  @Test
  void aSecondOneOfTheSameBoxIsADuplicate() {
    ErrorBreakdown errors =
        shares(detection(0, 0, 0.9), detection(0, 5, 0.8), detection(1, 200, 0.7));
    assertThat(errors.share(Cause.DUPLICATE)).isEqualTo(new Share(1, 0));
  }

  @Test
  void whereNothingIsIsBackgroundAndWhatNobodyFoundIsMissed() {
    ErrorBreakdown errors = shares(detection(0, 400, 0.9), detection(0, 0, 0.8));
    assertThat(errors.share(Cause.BACKGROUND).count()).isOne();
    assertThat(errors.share(Cause.BACKGROUND).ap50Gain()).isCloseTo(0.25, within(1e-9));
    assertThat(errors.share(Cause.MISSED).count()).isOne();
  }

  @Test
  void aDetectionInACrowdOrOfAClassNotMarkedIsLeftOut() {
    Annotation crowd = new Annotation(3, 0, 300, 0, 200, 100, 20_000, true);
    LabelledPicture picture =
        new LabelledPicture(7, Path.of("a.jpg"), 640, 480, List.of(CAR, crowd), Set.of(1));
    CocoDataset truth =
        new CocoDataset(Path.of("t"), List.of("car", "person"), List.of(1L, 2L), List.of(picture));
    ErrorBreakdown errors =
        ErrorBreakdown.of(
            truth, List.of(detection(0, 0, 0.9), detection(0, 320, 0.8), detection(1, 500, 0.7)));
    assertThat(Cause.values()).allMatch(c -> errors.share(c).equals(new Share(0, 0)));
  }

  @Test
  void everyWrongDetectionOfTheGoldenSetHasOneCause() {
    CocoDataset truth = CocoDataset.readTruth(Golden.file("coco-eval/ground-truth.json"));
    List<ScoredBox> found = CocoResultsFile.read(Golden.file("coco-eval/detections.json"), truth);
    ErrorBreakdown errors = ErrorBreakdown.of(truth, found);
    assertThat(Cause.values()).allMatch(c -> errors.share(c).ap50Gain() > -1e-9);
    int wrong =
        Arrays.stream(Cause.values())
            .filter(c -> c != Cause.MISSED)
            .mapToInt(c -> errors.share(c).count())
            .sum();
    assertThat(wrong).isPositive().isLessThan(found.size());
  }

  private static ErrorBreakdown shares(ScoredBox... detections) {
    LabelledPicture picture =
        new LabelledPicture(7, Path.of("a.jpg"), 640, 480, List.of(CAR, PERSON), Set.of());
    CocoDataset truth =
        new CocoDataset(Path.of("t"), List.of("car", "person"), List.of(1L, 2L), List.of(picture));
    return ErrorBreakdown.of(truth, Arrays.asList(detections));
  }

  private static Annotation box(long id, int label, double x) {
    return new Annotation(id, label, x, 0, 100, 100, 10_000, false);
  }

  private static ScoredBox detection(int label, double x, double score) {
    return new ScoredBox(7, label, x, 0, 100, 100, score);
  }
}
