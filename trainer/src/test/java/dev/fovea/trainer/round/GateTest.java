package dev.fovea.trainer.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.trainer.round.Verdict.Finding;
import dev.fovea.trainer.round.Verdict.Outcome;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GateTest {
  private static final GateSettings SETTINGS =
      new GateSettings(0.005, 0.95, 400, 1, 0.05, 0.05, 20, false, 1.2, 50);

  @Test
  void aModelThatIsClearlyBetterPassesEveryRule() {
    SyntheticHoldOut pictures = new SyntheticHoldOut(150, 1);

    Verdict verdict = judge(SETTINGS, pictures, pictures.model(0.9), pictures.model(0.6));

    assertThat(verdict.promoted()).as("%s", verdict.reasons()).isTrue();
    assertThat(verdict.rules())
        .extracting(Finding::rule)
        .containsExactly(
            "hold-out", "gain", "classes", "class", "class", "camera", "camera", "latency");
    Finding gain = finding(verdict, "gain", "");
    assertThat(gain.figures().get("lower"))
        .isGreaterThan(0.005)
        .isLessThan(gain.figures().get("gain"));
    assertThat(gain.figures().get("upper")).isGreaterThan(gain.figures().get("gain"));
  }

  @Test
  void theSameModelAgainNeverPasses() {
    for (long seed = 0; seed < 20; seed++) {
      SyntheticHoldOut pictures = new SyntheticHoldOut(60, seed);
      Contender model = pictures.model(0.7);
      Verdict verdict = judge(gain(0, 0.5), pictures, model, model);
      assertThat(verdict.promoted()).as("seed %d", seed).isFalse();
    }
  }

  /** Drawn from the same distribution, the candidate may pass by luck as often as was allowed. */
  @Test
  void aModelThatIsNoBetterPassesNoMoreOftenThanTheConfidenceAllows() {
    int draws = 150;
    int passed = 0;
    GateSettings gainOnly = gain(0, 0.9);
    for (long seed = 0; seed < draws; seed++) {
      SyntheticHoldOut pictures = new SyntheticHoldOut(60, 1_000 + seed);
      Verdict verdict = judge(gainOnly, pictures, pictures.model(0.7), pictures.model(0.7));
      passed += verdict.promoted() ? 1 : 0;
    }
    // Binomial: 15 expected, 3 standard deviations are 11; the interval is a little narrow on 60.
    assertThat(passed).as("of %d, seeds 1000…", draws).isLessThanOrEqualTo(28);
    assertThat(passed).as("a gate that refuses all would hold nothing").isPositive();
  }

  @Test
  void aModelThatIsWorseNeverPasses() {
    for (long seed = 0; seed < 60; seed++) {
      SyntheticHoldOut pictures = new SyntheticHoldOut(60, 5_000 + seed);
      Verdict verdict = judge(gain(0, 0.95), pictures, pictures.model(0.6), pictures.model(0.75));
      assertThat(verdict.promoted()).as("seed %d", 5_000 + seed).isFalse();
    }
  }

  @Test
  void aGainThatTheDrawsDoNotSupportIsRefused() {
    SyntheticHoldOut pictures = new SyntheticHoldOut(50, 3);

    Verdict verdict = judge(gain(0, 0.9999), pictures, pictures.model(0.74), pictures.model(0.7));

    Finding gain = finding(verdict, "gain", "");
    assertThat(gain.outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(gain.sentence()).contains("not more than");
  }

  /** One scene of 40 like pictures is one witness, not forty. */
  @Test
  void picturesOfOneSceneAreDrawnTogether() {
    SyntheticHoldOut pictures = new SyntheticHoldOut(80, 4);
    Contender candidate = pictures.model(0.75);
    Contender live = pictures.model(0.68);
    Map<Long, String> scenes = new HashMap<>();
    pictures.data().pictures().forEach(p -> scenes.put(p.id(), "minute " + p.id() / 20));
    HoldOut alone = pictures.holdOut();
    HoldOut together = new HoldOut(alone.data(), alone.cameras(), scenes);

    Map<String, Double> apart =
        finding(new Gate(SETTINGS).judge(alone, candidate, Optional.of(live)), "gain", "")
            .figures();
    Map<String, Double> joined =
        finding(new Gate(SETTINGS).judge(together, candidate, Optional.of(live)), "gain", "")
            .figures();

    assertThat(joined.get("gain")).isEqualTo(apart.get("gain"));
    assertThat(joined.get("lower")).isNotEqualTo(apart.get("lower"));
  }

  @Test
  void aClassThatLosesTooMuchKeepsABetterModelBack() {
    SyntheticHoldOut pictures = new SyntheticHoldOut(200, 5);
    Contender candidate = pictures.model(camera -> 1, label -> label == 0 ? 1.0 : 0.5);
    Contender live = pictures.model(camera -> 1, label -> label == 0 ? 0.4 : 0.7);

    Verdict verdict = judge(SETTINGS, pictures, candidate, live);

    assertThat(finding(verdict, "gain", "").outcome()).isEqualTo(Outcome.PASSED);
    assertThat(finding(verdict, "class", "car").outcome()).isEqualTo(Outcome.PASSED);
    assertThat(finding(verdict, "class", "person").outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(verdict.reasons()).singleElement().asString().contains("class person");
  }

  @Test
  void aCameraThatLosesTooMuchKeepsABetterModelBack() {
    SyntheticHoldOut pictures = new SyntheticHoldOut(200, 6);
    Contender candidate = pictures.model(camera -> camera.equals("north") ? 1 : 0.5, label -> 1);
    Contender live = pictures.model(camera -> camera.equals("north") ? 0.3 : 0.7, label -> 1);

    Verdict verdict = judge(SETTINGS, pictures, candidate, live);

    assertThat(finding(verdict, "gain", "").outcome()).isEqualTo(Outcome.PASSED);
    assertThat(finding(verdict, "camera", "south").outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(verdict.promoted()).isFalse();
  }

  @Test
  void tooFewBoxesAreSaidToBeTooFew() {
    SyntheticHoldOut pictures = new SyntheticHoldOut(150, 7);
    Contender candidate = pictures.model(0.95);
    Contender live = pictures.model(0.5);
    GateSettings lenient =
        new GateSettings(0.005, 0.95, 400, 1, 0.05, 0.05, 10_000, false, 1.2, 50);
    GateSettings strict = new GateSettings(0.005, 0.95, 400, 1, 0.05, 0.05, 10_000, true, 1.2, 50);

    Verdict let = judge(lenient, pictures, candidate, live);
    assertThat(finding(let, "class", "car").outcome()).isEqualTo(Outcome.UNJUDGED);
    assertThat(finding(let, "camera", "north").sentence()).contains("Too few boxes");
    assertThat(let.promoted()).isTrue();

    assertThat(judge(strict, pictures, candidate, live).promoted()).isFalse();
  }

  @Test
  void aSlowerModelAndASmallHoldOutAreRefused() {
    SyntheticHoldOut pictures = new SyntheticHoldOut(49, 8);
    Contender slow =
        new Contender(SyntheticHoldOut.CLASSES, pictures.model(0.99).detections(), 12.5);

    Verdict verdict = judge(SETTINGS, pictures, slow, pictures.model(0.3));

    assertThat(finding(verdict, "latency", "").outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(finding(verdict, "hold-out", "").outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(verdict.reasons()).hasSize(2);
  }

  @Test
  void aModelThatForgetsAClassIsRefused() {
    SyntheticHoldOut pictures = new SyntheticHoldOut(150, 9);
    Contender live = pictures.model(0.3);
    Contender knowsMore = new Contender(List.of("car", "person", "bus"), live.detections(), 10);

    Verdict verdict = judge(SETTINGS, pictures, pictures.model(0.95), knowsMore);

    assertThat(verdict.reasons()).singleElement().asString().contains("does not know bus");
  }

  @Test
  void withoutALiveModelTheGainIsOverNothing() {
    SyntheticHoldOut pictures = new SyntheticHoldOut(100, 10);
    Gate gate = new Gate(SETTINGS);

    assertThat(gate.judge(pictures.holdOut(), pictures.model(0.6), Optional.empty()).promoted())
        .isTrue();
    Contender blind = new Contender(SyntheticHoldOut.CLASSES, List.of(), 10);
    assertThat(gate.judge(pictures.holdOut(), blind, Optional.empty()).promoted()).isFalse();
  }

  @Test
  void theSameInputHasTheSameVerdict() {
    SyntheticHoldOut pictures = new SyntheticHoldOut(60, 11);
    Contender candidate = pictures.model(0.8);
    Contender live = pictures.model(0.7);
    assertThat(judge(SETTINGS, pictures, candidate, live))
        .isEqualTo(judge(SETTINGS, pictures, candidate, live));
  }

  @Test
  void aMarginBelowZeroIsRefused() {
    assertThatThrownBy(() -> gain(-0.01, 0.95)).hasMessageContaining("gate.min-gain = -0.01");
  }

  /** Nothing but the gain counts. */
  private static GateSettings gain(double minGain, double confidence) {
    return new GateSettings(minGain, confidence, 100, 1, 1, 1, 1, false, 100, 1);
  }

  private static Verdict judge(
      GateSettings settings, SyntheticHoldOut pictures, Contender candidate, Contender live) {
    return new Gate(settings).judge(pictures.holdOut(), candidate, Optional.of(live));
  }

  private static Finding finding(Verdict verdict, String rule, String subject) {
    return verdict.rules().stream()
        .filter(f -> f.rule().equals(rule) && f.subject().equals(subject))
        .findFirst()
        .orElseThrow();
  }
}
