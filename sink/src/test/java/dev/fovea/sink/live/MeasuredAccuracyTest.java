package dev.fovea.sink.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.schema.avro.Detection;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.LabelledBox;
import dev.fovea.schema.avro.Outcome;
import dev.fovea.sink.Answers;
import java.time.Duration;
import java.util.List;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MeasuredAccuracyTest {
  private static final Offset<Double> ROUNDING = within(1e-12);

  private final MeasuredAccuracy accuracy = new MeasuredAccuracy(Duration.ofSeconds(60));

  private static Detection found(String label, double score, float x) {
    return new Detection(label, (float) score, x, 0f, x + 10, 10f);
  }

  private static LabelledBox object(String label, float x) {
    return new LabelledBox(label, x, 0f, x + 10, 10f);
  }

  private void frame(Outcome outcome, @Nullable List<LabelledBox> truth, Detection... found) {
    frameAt(1, outcome, truth, found);
  }

  private void frameAt(
      long micros, Outcome outcome, @Nullable List<LabelledBox> truth, Detection... found) {
    Detections answer = Answers.answer("lot", 1, 1, outcome);
    answer.setCaptureTimeMicros(micros);
    answer.setDetections(List.of(found));
    accuracy.judge(new PairedFrame(answer, new byte[0], truth));
  }

  private AccuracyView view() {
    return MeasuredAccuracy.of(List.of(accuracy)).orElseThrow();
  }

  @Test
  void allFoundIsOneAndNothingFoundIsNought() {
    frame(Outcome.DETECTED, List.of(object("car", 0)), found("car", 0.9, 1));
    assertThat(view()).isEqualTo(new AccuracyView(1, 1, 1));
    frame(Outcome.DETECTED, List.of(object("bus", 0)));
    assertThat(view().ap50()).isEqualTo(0.5, ROUNDING); // the mean of car 1 and bus 0
  }

  @Test
  void readsPrecisionAtCocosRecalls() {
    // Ranked: right, wrong, right, of three objects: precision 1 up to recall 1/3 (34 of the 101
    // recalls), then 2/3 up to recall 2/3 (33 more), then nothing.
    frame(
        Outcome.DETECTED,
        List.of(object("car", 0), object("car", 100), object("car", 200)),
        found("car", 0.9, 0),
        found("car", 0.8, 50),
        found("car", 0.7, 100));
    assertThat(view().ap50()).isEqualTo((34 + 33 * 2.0 / 3) / 101, ROUNDING);
  }

  @Test
  void aSecondBoxOnAnObjectAWrongClassAndTooLittleOverlapAreWrong() {
    List<LabelledBox> truth = List.of(object("car", 0), object("car", 100));
    // Had any of the first three counted as right, the AP would be more.
    frame(
        Outcome.DETECTED,
        truth,
        found("car", 0.9, 0),
        found("car", 0.8, 0),
        found("bus", 0.8, 100),
        found("car", 0.7, 104)); // IoU 6 / 14
    assertThat(view().ap50()).isEqualTo(51 / 101.0, ROUNDING);
  }

  @Test
  void theBetterScoreTakesTheObjectWhateverTheOrder() {
    frame(
        Outcome.DETECTED,
        List.of(object("car", 0), object("car", 8)),
        found("car", 0.6, 3), // the object that is left overlaps too little
        found("car", 0.9, 1));
    assertThat(view().ap50()).isEqualTo(51 / 101.0, ROUNDING);
  }

  @Test
  void framesThatDoNotKnowOrWereNotAnalysedAreNotJudged() {
    frame(Outcome.DETECTED, null, found("car", 0.9, 0));
    frame(Outcome.STALE, List.of(object("car", 0)));
    frame(Outcome.UNDECODABLE, List.of(object("car", 0)));
    assertThat(MeasuredAccuracy.of(List.of(accuracy))).isEmpty();
    frame(Outcome.UNCHANGED, List.of(object("car", 0)), found("car", 0.9, 0));
    assertThat(view().frames()).isEqualTo(1);
  }

  @Test
  void boxesInAFrameKnownToBeEmptyAreWrong() {
    frame(Outcome.DETECTED, List.of(), found("car", 0.9, 0));
    frame(Outcome.DETECTED, List.of(object("car", 0)), found("car", 0.8, 0));
    assertThat(view().ap50()).isEqualTo(0.5, ROUNDING);
  }

  @Test
  void onlyTheLastFramesCount() {
    for (int i = 0; i < 1_000; i++) {
      frame(Outcome.DETECTED, List.of(object("car", 0)));
    }
    assertThat(view().ap50()).isZero();
    for (int i = 0; i < 300; i++) {
      frame(Outcome.DETECTED, List.of(object("car", 0)), found("car", 0.9, 0));
    }
    assertThat(view()).isEqualTo(new AccuracyView(1, 300, 1));
  }

  @Test
  void whatIsOlderThanTheWindowCountsNoLonger() {
    frameAt(1_000_000, Outcome.DETECTED, List.of(object("car", 0)));
    frameAt(61_000_000, Outcome.DETECTED, List.of(object("car", 0)), found("car", 0.9, 0));
    assertThat(view()).isEqualTo(new AccuracyView(51 / 101.0, 2, 1));
    frameAt(61_000_001, Outcome.DETECTED, List.of(object("car", 0)), found("car", 0.9, 0));
    assertThat(view()).isEqualTo(new AccuracyView(1, 2, 1));
  }

  @Test
  void damagedBoxesFindNothing() {
    frame(
        Outcome.DETECTED,
        List.of(object("car", 0), new LabelledBox("car", 5f, 5f, 5f, 5f)),
        new Detection("car", Float.NaN, Float.NaN, 0f, 10f, 10f),
        found("car", 0.9, 0));
    assertThat(view().ap50()).isBetween(0.0, 0.51);
  }
}
