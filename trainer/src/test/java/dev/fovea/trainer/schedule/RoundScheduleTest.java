package dev.fovea.trainer.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class RoundScheduleTest {
  private static final Instant EVENING = Instant.parse("2026-03-28T20:00:00Z");

  @Test
  void aTimeIsMeantInItsZone() {
    RoundSchedule berlin = new RoundSchedule("0 3 * * *", ZoneId.of("Europe/Berlin"), 0);
    // The clocks go forward in the night: 02:00 becomes 03:00, which is 01:00 UTC.
    assertThat(berlin.next(EVENING)).contains(Instant.parse("2026-03-29T01:00:00Z"));
    assertThat(berlin.next(Instant.parse("2026-03-27T20:00:00Z")))
        .contains(Instant.parse("2026-03-28T02:00:00Z"));
  }

  @Test
  void aRoundIsDueWhenItsTimeHasPassedAndThereIsSomethingNew() {
    RoundSchedule nightly = new RoundSchedule("0 3 * * *", ZoneId.of("UTC"), 0);
    Instant before = Instant.parse("2026-03-29T02:59:59Z");
    Instant after = Instant.parse("2026-03-29T09:00:00Z");

    assertThat(nightly.due(before, EVENING, 5)).isEmpty();
    assertThat(nightly.due(after, EVENING, 5)).get().asString().contains("2026-03-29T03:00:00Z");
    assertThat(nightly.due(after, EVENING, 0)).isEmpty();
    assertThat(nightly.due(after, after, 5)).isEmpty();
  }

  @Test
  void aRoundIsDueAsSoonAsEnoughLabelsHaveCome() {
    RoundSchedule byLabels = new RoundSchedule("", ZoneId.of("UTC"), 100);
    assertThat(byLabels.due(EVENING, EVENING, 99)).isEmpty();
    assertThat(byLabels.due(EVENING, EVENING, 100)).get().asString().contains("100 new labels");
    assertThat(byLabels.next(EVENING)).isEmpty();
  }

  @Test
  void whatIsNoCronExpressionIsRefused() {
    assertThatThrownBy(() -> new RoundSchedule("every night", ZoneId.of("UTC"), 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
