package dev.fovea.sink.live;

import static dev.fovea.sink.Answers.answer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.FrameLedger;
import dev.fovea.schema.avro.Outcome;
import java.nio.ByteBuffer;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FramePairingTest {
  private static final int BYTES = 100;

  private final FramePairing pairing = new FramePairing(10 * BYTES);

  private static Frame frame(String camera, long number) {
    return new Frame(
        camera,
        number,
        number,
        64,
        36,
        ByteBuffer.wrap(new byte[BYTES]),
        false,
        new FrameLedger(number, 0L, Map.of(), number),
        null);
  }

  @Test
  void pairsInEitherOrderAndLetsGoOfWhatIsOlder() {
    assertThat(pairing.picture(frame("lot", 1))).isEmpty();
    assertThat(pairing.picture(frame("lot", 2))).isEmpty();
    assertThat(pairing.answer(answer("lot", 2, 2, Outcome.DETECTED)).orElseThrow().jpeg())
        .hasSize(BYTES);
    assertThat(pairing.waitingBytes()).isZero();
    assertThat(pairing.answer(answer("lot", 3, 3, Outcome.DETECTED))).isEmpty();
    assertThat(pairing.picture(frame("lot", 3))).isPresent();
    assertThat(pairing.answer(answer("yard", 4, 4, Outcome.DETECTED))).isEmpty();
    assertThat(pairing.picture(frame("lot", 4))).isEmpty();
  }

  @Test
  void staysWithinItsBoundAndStillShowsOldPicturesOfADetectorThatIsBehind() {
    pairing.picture(frame("quiet", 1));
    for (int n = 1; n <= 1_000; n++) {
      pairing.picture(frame("lot", n));
      assertThat(pairing.waitingBytes()).isLessThanOrEqualTo(10 * BYTES);
    }
    assertThat(pairing.evicted()).isGreaterThan(900);
    assertThat(pairing.answer(answer("quiet", 1, 1, Outcome.DETECTED))).isPresent();
    long shown = 0;
    for (int n = 1; n <= 1_000; n++) {
      shown += pairing.answer(answer("lot", n, n, Outcome.DETECTED)).isPresent() ? 1 : 0;
    }
    assertThat(shown).isPositive();
  }
}
