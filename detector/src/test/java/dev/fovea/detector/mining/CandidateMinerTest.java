package dev.fovea.detector.mining;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.detector.mining.CandidateMiner.Mined;
import dev.fovea.schema.avro.CandidateReason;
import dev.fovea.schema.avro.Detection;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.Outcome;
import dev.fovea.schema.avro.StageTimings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CandidateMinerTest {
  private static final long SECOND = 1_000_000;
  private static final MiningSettings TWO_A_MINUTE = new MiningSettings(true, 2, 0.1f, 0);

  private final CandidateMiner miner = new CandidateMiner(TWO_A_MINUTE);

  @Test
  void whereEveryFrameIsAsUncertainTheFirstOfEachSlotIsTakenOnceThatIsKnown() {
    List<Long> mined = new ArrayList<>();
    for (long second = 0; second < 100; second++) {
      if (miner.look(answer("gate", second * SECOND), 0.7).isPresent()) {
        mined.add(second);
      }
    }
    assertThat(mined).containsExactly(10L, 30L, 60L, 90L);
    teach("yard", 80, 0.7);
    assertThat(miner.look(answer("yard", 99 * SECOND), 0.7))
        .as("every camera has its own allowance")
        .contains(new Mined(CandidateReason.UNCERTAIN, 0.7));
  }

  @Test
  void theFrameWithTheMostInDoubtIsWaitedFor() {
    List<Double> mined = new ArrayList<>();
    for (long second = 0; second < 90; second++) {
      double inDoubt = second == 17 ? 9 : second == 45 ? 12 : 1 + second % 2;
      miner.look(answer("gate", second * SECOND), inDoubt).ifPresent(m -> mined.add(m.score()));
    }
    assertThat(mined)
        .as("two peaks, and at the end of a slot without one an ordinary frame")
        .containsExactly(9.0, 12.0, 2.0);
  }

  @Test
  void aFrameASlotIsTakenAsItIs() {
    for (long half = 0; half < RecentWorth.LEAST_FRAMES; half++) {
      miner.look(answer("gate", half * 30 * SECOND), (double) (half % 3));
    }
    assertThat(miner.look(answer("gate", 300 * SECOND), 0.1))
        .as("less than usual, but none other comes")
        .contains(new Mined(CandidateReason.UNCERTAIN, 0.1));
    assertThat(miner.look(answer("gate", 330 * SECOND), 0)).isEmpty();
  }

  @Test
  void anObjectThatVanishesOrAppearsMakesACandidate() {
    teach("gate", 0, 0, car(100, .9f));
    assertThat(miner.look(answer("gate", 10 * SECOND, car(101, .9f), car(300, .8f)), 0))
        .contains(new Mined(CandidateReason.DISAGREES, .8f));
    assertThat(miner.look(answer("gate", 11 * SECOND, car(101, .9f)), 0)).isEmpty();
    assertThat(miner.look(answer("gate", 31 * SECOND, car(101, .9f), car(300, .8f)), 0)).isEmpty();
    assertThat(miner.look(answer("gate", 32 * SECOND, car(300, .7f)), 0))
        .contains(new Mined(CandidateReason.DISAGREES, .9f));
  }

  @Test
  void framesFarApartAreNotCompared() {
    teach("gate", 0, 0, car(100, .9f));
    assertThat(miner.look(answer("gate", 12 * SECOND), 0)).isEmpty();
  }

  @Test
  void framesThatTheModelDidNotSeeAreNoCandidates() {
    Detections stale = answer("gate", 0);
    stale.setOutcome(Outcome.STALE);
    assertThat(miner.look(stale, 1)).isEmpty();
  }

  @Test
  void theRandomShareIsThatShareAndTheSameInEveryReplay() {
    MiningSettings often = new MiningSettings(true, 60_000, 0.1f, 0.02);
    List<Long> first = drawn(new CandidateMiner(often), "gate", 0);
    List<Long> again = drawn(new CandidateMiner(often), "gate", 0);
    // Another worker that takes the camera over in the middle chooses the same from there on.
    List<Long> late = drawn(new CandidateMiner(often), "gate", 5_000);

    assertThat(first).hasSizeBetween(140, 260).isEqualTo(again);
    assertThat(late).isEqualTo(first.stream().filter(n -> n >= 5_000).toList());
    assertThat(drawn(new CandidateMiner(often), "yard", 0)).isNotEqualTo(first);
  }

  @Test
  void theRandomDrawHasItsOwnAllowance() {
    CandidateMiner all = new CandidateMiner(new MiningSettings(true, 2, 0.1f, 1));
    List<CandidateReason> reasons = new ArrayList<>();
    for (long second = 0; second < 60; second++) {
      reason(all.look(answer("gate", second * SECOND), 1)).ifPresent(reasons::add);
    }
    assertThat(reasons)
        .containsExactly(
            CandidateReason.RANDOM,
            CandidateReason.UNCERTAIN,
            CandidateReason.UNCERTAIN,
            CandidateReason.RANDOM);
  }

  @Test
  void whatWasNotCommittedIsChosenAgain() {
    teach("gate", 0, 0, car(100, .9f));
    miner.keep();
    Detections vanished = answer("gate", 10 * SECOND);
    Optional<Mined> first = miner.look(vanished, 0);
    miner.forget();

    assertThat(first).isPresent();
    assertThat(miner.look(vanished, 0)).isEqualTo(first);
    miner.keep();
    assertThat(miner.look(answer("gate", 11 * SECOND, car(100, .9f)), 0))
        .as("the allowance is spent")
        .isEmpty();
  }

  @Test
  void aReplayFromTheBeginningChoosesAgain() {
    teach("gate", 40, 1);
    assertThat(miner.look(answer("gate", 50 * SECOND), 1)).isPresent();
    miner.keep();
    teach("gate", 0, 1);
    assertThat(miner.look(answer("gate", 10 * SECOND), 1)).isPresent();
  }

  @Test
  void whatMovesOrLeavesAtTheEdgeDoesNotDisagree() {
    assertThat(disagreement(List.of(car(100, .9f)), List.of(car(160, .9f)))).isZero();
    assertThat(disagreement(List.of(car(100, .9f)), List.of(car(260, .8f))))
        .isCloseTo(.9 + .8, within(1e-6));
    assertThat(disagreement(List.of(car(2, .9f)), List.of())).as("left").isZero();
    assertThat(disagreement(List.of(), List.of(car(598, .9f)))).as("right").isZero();
    assertThat(disagreement(List.of(car(100, .9f)), List.of(named("van", 100, .5f))))
        .as("another class: neither has a partner")
        .isCloseTo(.9 + .5, within(1e-6));
    assertThat(disagreement(List.of(car(100, .9f), car(130, .8f)), List.of(car(131, .8f))))
        .as("one of two neighbours; a partner is nobody else's")
        .isEqualTo(.9f);
  }

  private static double disagreement(List<Detection> before, List<Detection> after) {
    return Disagreement.between(before, after, 640, 360);
  }

  /** As many frames, a second apart, as it takes to know what is much. */
  private void teach(String camera, long fromSecond, double uncertainty, Detection... detections) {
    for (int i = 0; i < RecentWorth.LEAST_FRAMES; i++) {
      Detections frame = answer(camera, (fromSecond + i) * SECOND, detections);
      assertThat(miner.look(frame, uncertainty)).isEmpty();
    }
  }

  private static Optional<CandidateReason> reason(Optional<Mined> mined) {
    return mined.map(Mined::reason);
  }

  /** Of 10,000 frames, those drawn; a miner that begins late has not seen those before. */
  private static List<Long> drawn(CandidateMiner miner, String camera, long from) {
    List<Long> drawn = new ArrayList<>();
    for (long frame = from; frame < 10_000; frame++) {
      Optional<Mined> mined = miner.look(answer(camera, frame * 40_000), 0);
      if (mined.isPresent()) {
        assertThat(mined.get().reason()).isEqualTo(CandidateReason.RANDOM);
        drawn.add(frame);
      }
    }
    return drawn;
  }

  private static Detection car(float x, float score) {
    return named("car", x, score);
  }

  private static Detection named(String label, float x, float score) {
    return new Detection(label, score, x, 100f, x + 40, 130f);
  }

  private static Detections answer(String camera, long micros, Detection... detections) {
    return Detections.newBuilder()
        .setCameraId(camera)
        .setCaptureTimeMicros(micros)
        .setFrameNumber(1)
        .setFramePartition(0)
        .setFrameOffset(0)
        .setWidthPx(640)
        .setHeightPx(360)
        .setOutcome(Outcome.DETECTED)
        .setDetections(List.of(detections))
        .setModelName("m")
        .setModelVersion("1")
        .setEngine("test")
        .setTimings(new StageTimings(0L, 0L, 0L, 0L, 0L))
        .build();
  }
}
