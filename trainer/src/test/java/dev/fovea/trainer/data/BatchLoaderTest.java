package dev.fovea.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.trainer.TinyRun;
import dev.fovea.trainer.TrainSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchLoaderTest {
  private static final Map<String, String> MOSAIC =
      Map.of(
          "augmentation.mosaic", "1",
          "augmentation.mosaic-until", "0.5",
          "schedule.steps", "6");

  @TempDir Path folder;
  private CocoDataset data = new CocoDataset(Path.of(""), List.of(), List.of(), List.of());

  @BeforeEach
  void draw() throws Exception {
    data = TinyRun.rectangles(folder, 7, 3);
  }

  @Test
  void aStepsBatchDoesNotDependOnWhereTheRunStarted() throws Exception {
    TrainSettings settings = TinyRun.settings(MOSAIC);
    for (int step = 1; step < 6; step++) {
      assertThat(images(settings, step, 0))
          .as("step %s", step)
          .isEqualTo(images(settings, 0, step));
    }
  }

  @Test
  void mosaicsEndWhereTheSettingSays() throws Exception {
    TrainSettings mosaic = TinyRun.settings(MOSAIC);
    TrainSettings whole =
        TinyRun.settings(Map.of("augmentation.mosaic", "0", "schedule.steps", "6"));
    assertThat(images(mosaic, 2, 0)).isNotEqualTo(images(whole, 2, 0));
    assertThat(images(mosaic, 3, 0)).isEqualTo(images(whole, 3, 0));
  }

  @Test
  void aRepeatThresholdDecidesWhichPicturesAStepHas() throws Exception {
    TrainSettings once = TinyRun.settings(Map.of());
    TrainSettings repeated = TinyRun.settings(Map.of("schedule.repeat-threshold", "1"));
    assertThat(images(repeated, 0, 0)).isNotEqualTo(images(once, 0, 0));
    assertThat(images(repeated, 4, 0)).isEqualTo(images(repeated, 0, 4));
  }

  /** The images of the step that comes so many after the first. */
  private float[] images(TrainSettings settings, int firstStep, int later) throws Exception {
    try (PictureStore store = new PictureStore(settings.input(), settings.augmentation(), 10);
        BatchLoader loader = new BatchLoader(data, settings, store, firstStep)) {
      for (int i = 0; i < later; i++) {
        loader.next();
      }
      return loader.next().images();
    }
  }
}
