package dev.fovea.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.ingest.street.StreetScene;
import dev.fovea.ingest.street.StreetSettings;
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
}
