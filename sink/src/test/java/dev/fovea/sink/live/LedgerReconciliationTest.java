package dev.fovea.sink.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.schema.avro.FrameLedger;
import dev.fovea.sink.live.CameraView.LedgerView;
import dev.fovea.sink.store.OutcomeTotals;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LedgerReconciliationTest {
  private static final long SECOND = 1_000_000;
  private static final long NEVER = Long.MIN_VALUE;

  private final LedgerReconciliation ledger = new LedgerReconciliation();

  private void published(long count) {
    ledger.heard(new FrameLedger(count + 3, 1L, Map.of("backpressure", 2L), count));
  }

  private static OutcomeTotals answered(long first, long last, long missing) {
    return new OutcomeTotals(
        "lot", last - first + 1 - missing, 0, 0, 0, first, last, last, missing, 0);
  }

  @Test
  void allAnsweredIsBalanced() {
    published(10);
    LedgerView view = ledger.view(answered(1, 10, 0), NEVER, 0);
    assertThat(view.state()).isEqualTo("balanced");
    assertThat(view.inFlight()).isZero();
  }

  @Test
  void framesUnderWayAreInFlightThenSettlingAndNeverLostWhileTheDetectorIsBehind() {
    published(10);
    assertThat(ledger.view(answered(1, 8, 0), NEVER, 0).state()).isEqualTo("balanced");
    LedgerView later = ledger.view(answered(1, 8, 0), NEVER, 3_600 * SECOND);
    assertThat(later.state()).isEqualTo("settling");
    assertThat(later.inFlight()).isEqualTo(2);
    assertThat(later.unaccounted()).isZero();
  }

  @Test
  void framesThatAllHavePassedWithoutAnswerAreUnaccounted() {
    published(10);
    ledger.view(answered(1, 8, 0), NEVER, 0);
    LedgerView view = ledger.view(answered(1, 8, 0), 5 * SECOND, 11 * SECOND);
    assertThat(view.state()).isEqualTo("unbalanced");
    assertThat(view.unaccounted()).isEqualTo(2);
    assertThat(view.inFlight()).isZero();
  }

  @Test
  void aGapIsUnaccountedAtOnce() {
    published(10);
    assertThat(ledger.view(answered(1, 10, 1), NEVER, 0).unaccounted()).isEqualTo(1);
  }

  @Test
  void whatWasAnsweredBeforeTheStoreIsNoLoss() {
    published(10);
    LedgerView view = ledger.view(answered(6, 10, 0), NEVER, 0);
    assertThat(view.beforeStore()).isEqualTo(5);
    assertThat(view.state()).isEqualTo("balanced");
  }

  @Test
  void aLedgerThatDoesNotAddUpIsUnbalanced() {
    ledger.heard(new FrameLedger(12L, 1L, Map.of(), 10L));
    assertThat(ledger.view(answered(1, 10, 0), NEVER, 0).unaccounted()).isEqualTo(1);
  }
}
