package dev.fovea.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.ingest.street.Daylight;
import dev.fovea.ingest.street.StreetScene;
import dev.fovea.ingest.street.StreetSettings;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SyntheticSourceTest {
  @Test
  void givesAsManyFramesAsAskedWithTheirTruth() throws Exception {
    StreetScene scene = new StreetScene(StreetSettings.of(7));
    try (FrameSource source =
        FrameSources.open("synthetic:?seed=7&frames=5", SourceOptions.offline())) {
      Drain drain = Drain.of(source);
      assertThat(drain.failure()).isNull();
      assertThat(drain.frames()).hasSize(5);
      for (CapturedFrame frame : drain.frames()) {
        assertThat(frame.truth()).isEqualTo(scene.truth(frame.index()));
        assertThat(frame.mediaTimeMicros()).isEqualTo(Math.round(frame.index() * 1e6 / 15));
      }
    }
  }

  @Test
  void aCourseOfTheDayIsReadOrRefusedByName() {
    assertThat(SyntheticQuery.parse("?seed=7&dusk-after=60s&dusk-for=20s").street().daylight())
        .isEqualTo(Daylight.nightfall(Duration.ofSeconds(60), Duration.ofSeconds(20)));
    assertThat(SyntheticQuery.parse("?dusk-after=0s").street().daylight())
        .isEqualTo(Daylight.nightfall(Duration.ZERO, Duration.ofSeconds(30)));
    assertThatThrownBy(() -> SyntheticQuery.parse("?dusk-after=1h"))
        .hasMessage("synthetic: dusk-after=1h: must be whole seconds, such as 60s, at most a year");
    assertThatThrownBy(() -> SyntheticQuery.parse("?dusk-after=999999999s"))
        .hasMessageContaining("at most a year");
    assertThatThrownBy(() -> SyntheticQuery.parse("?dusk-for=5s"))
        .hasMessageContaining("needs dusk-after");
    assertThatThrownBy(() -> SyntheticQuery.parse("?night=true&dusk-after=5s"))
        .hasMessageContaining("goes not with dusk-after");
  }
}
