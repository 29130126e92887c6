package dev.fovea.ingest.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.schema.avro.CameraState;
import dev.fovea.schema.avro.CameraStatus;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.FrameLedger;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The small parts that count, pick and time frames. */
class AccountingTest {
  @Test
  void ledgerAddsUpAfterAnyCourseOfEvents() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    CameraLedger ledger = new CameraLedger(CameraLedger.empty());
    long inFlight = 0;
    long lastPublished = 0;
    for (int i = 0; i < 5_000; i++) {
      ledger.deliver();
      assertAddsUp(ledger.settled(), seed);
      switch (random.nextInt(5)) {
        case 0 -> ledger.sampleOut();
        case 1 -> ledger.drop(DropCause.BACKPRESSURE);
        case 2 -> {
          FrameLedger refused = ledger.stamp();
          assertAddsUp(refused, seed);
          ledger.unstamp(DropCause.BACKPRESSURE);
        }
        default -> {
          FrameLedger stamped = ledger.stamp();
          assertThat(stamped.getPublished()).as("seed %d", seed).isEqualTo(++lastPublished);
          assertAddsUp(stamped, seed);
          inFlight++;
        }
      }
      if (inFlight > 0 && random.nextBoolean()) {
        ledger.acknowledge();
        inFlight--;
      }
      assertAddsUp(ledger.settled(), seed);
      assertThat(ledger.settled().getPublished()).isEqualTo(lastPublished - inFlight);
    }
  }

  @Test
  void framesLostWithAProducerAreDroppedWithTheirCause() {
    CameraLedger ledger = new CameraLedger(new FrameLedger(100L, 0L, Map.of(), 100L));
    for (int i = 0; i < 7; i++) {
      ledger.deliver();
      assertThat(ledger.stamp().getPublished()).isEqualTo(101 + i);
    }
    assertThat(ledger.reconcile(103)).isEqualTo(4);
    assertThat(ledger.settled())
        .isEqualTo(new FrameLedger(107L, 0L, Map.of("producer-failed", 4L), 103L));
    ledger.deliver();
    assertThat(ledger.stamp().getPublished()).isEqualTo(104);
  }

  @Test
  void aFrameThatVanishesShowsInTheLedger() {
    CameraLedger ledger = new CameraLedger(CameraLedger.empty());
    ledger.deliver();
    ledger.deliver();
    ledger.sampleOut();
    FrameLedger said = ledger.settled();
    assertThat(said.getDecoded()).isNotEqualTo(said.getSampledOut() + said.getPublished());
  }

  @Test
  void theLaterOfFrameAndStatusIsThePast() {
    Frame frame = frame(new FrameLedger(10L, 2L, Map.of(), 8L), 5_000);
    assertThat(CameraPast.of(null, null)).isEqualTo(CameraPast.NONE);
    assertThat(CameraPast.of(frame, null).ledger().getPublished()).isEqualTo(8);
    // Killed: the status is older than the last frame.
    CameraStatus older = status(new FrameLedger(6L, 1L, Map.of(), 5L), 3_000L);
    assertThat(CameraPast.of(frame, older)).isEqualTo(new CameraPast(frame.getLedger(), 5_000L));
    // Stopped in order, after some more frames were left out.
    CameraStatus newer = status(new FrameLedger(13L, 5L, Map.of(), 8L), 5_000L);
    assertThat(CameraPast.of(frame, newer)).isEqualTo(new CameraPast(newer.getLedger(), 5_000L));
    // The frames have expired.
    assertThat(CameraPast.of(null, newer).ledger()).isEqualTo(newer.getLedger());
  }

  @Test
  void captureTimesAlwaysGoForward() {
    CaptureClock clock = new CaptureClock(1_000);
    assertThat(clock.next(2_000)).isEqualTo(2_000);
    assertThat(clock.next(2_000)).isEqualTo(2_001);
    assertThat(clock.next(500)).isEqualTo(2_002);
    assertThat(clock.next(9_000)).isEqualTo(9_000);
  }

  @ParameterizedTest
  @CsvSource({"25, 10, 100", "25, 25, 250", "12.5, 12.5, 125", "30, 7, 70", "10, 25, 100"})
  void samplesToTheTargetRate(double sourceRate, double target, int expectedInTenSeconds) {
    FrameSampler sampler = new FrameSampler(target);
    int kept = 0;
    for (int i = 0; i < sourceRate * 10; i++) {
      if (sampler.keeps(Math.round(i * 1e6 / sourceRate))) {
        kept++;
      }
    }
    assertThat(kept).isBetween(expectedInTenSeconds - 1, expectedInTenSeconds + 1);
  }

  @Test
  void afterAGapTheSamplerDoesNotCatchUp() {
    FrameSampler sampler = new FrameSampler(1);
    assertThat(sampler.keeps(0)).isTrue();
    assertThat(sampler.keeps(60_000_000)).isTrue();
    assertThat(sampler.keeps(60_040_000)).isFalse();
    assertThat(sampler.keeps(61_000_000)).isTrue();
  }

  @Test
  void backOffDoublesWithinItsBoundsAndStartsAnew() {
    long seed = 42;
    BackOff backOff = new BackOff(Duration.ofSeconds(1), Duration.ofSeconds(30), new Random(seed));
    for (int full : new int[] {1, 2, 4, 8, 16, 30, 30}) {
      assertThat(backOff.next().toMillis()).isBetween(full * 750L, full * 1_000L);
    }
    backOff.reset();
    assertThat(backOff.next()).isLessThanOrEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void rateIsThatOfTheLastFiveSeconds() {
    RateMeter meter = new RateMeter();
    long second = 1_000_000_000L;
    for (int i = 0; i < 100; i++) {
      meter.mark(i * second / 10);
    }
    assertThat(meter.perSecond(99 * second / 10)).isBetween(9.5f, 10.5f);
    assertThat(meter.perSecond(30 * second)).isZero();
  }

  private static void assertAddsUp(FrameLedger ledger, long seed) {
    long dropped = ledger.getDropped().values().stream().mapToLong(Long::longValue).sum();
    assertThat(ledger.getDecoded())
        .as("seed %d", seed)
        .isEqualTo(ledger.getSampledOut() + dropped + ledger.getPublished());
  }

  private static Frame frame(FrameLedger ledger, long captureTime) {
    return Frame.newBuilder()
        .setCameraId("a")
        .setCaptureTimeMicros(captureTime)
        .setPublishTimeMicros(captureTime)
        .setWidthPx(1)
        .setHeightPx(1)
        .setImage(ByteBuffer.allocate(0))
        .setLedger(ledger)
        .build();
  }

  private static CameraStatus status(FrameLedger ledger, Long lastCapture) {
    return CameraStatus.newBuilder()
        .setCameraId("a")
        .setState(CameraState.STOPPED)
        .setSinceMicros(0)
        .setReportedAtMicros(0)
        .setAttempt(0)
        .setLastCaptureTimeMicros(lastCapture)
        .setSource("x")
        .setWidthPx(1)
        .setHeightPx(1)
        .setFramesPerSecond(0)
        .setCorruptFrames(0)
        .setLedger(ledger)
        .build();
  }
}
