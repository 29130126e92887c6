package dev.fovea.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.trainer.TinyRun;
import dev.fovea.trainer.TrainSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureStoreTest {
  @TempDir Path folder;

  /** Pictures are 80 × 60; the input is 32 × 32, of which a letterboxed one takes 32 × 24. */
  @Test
  void aPictureIsKeptAtTheSizesThatItIsShownAt() throws Exception {
    assertThat(sizes("stretch", "0.2", "1")).containsExactly("32x32", "16x16", "8x8");
    assertThat(sizes("stretch", "1", "2")).containsExactly("64x64", "32x32");
    // Not larger than the file has pixels: 80 of them across.
    assertThat(sizes("letterbox", "0.5", "4")).containsExactly("80x60", "64x48", "32x24");
  }

  @Test
  void aLetterboxedPictureIsServedWithTheMeanAroundIt() throws Exception {
    TrainSettings settings = settings("letterbox", "1", "1");
    LabelledPicture grey = TinyRun.rectangles(folder, 1, 1).pictures().get(0);
    try (PictureStore store = new PictureStore(settings.input(), settings.augmentation(), 10)) {
      byte[] planes = store.get(grey);
      assertThat(planes).hasSize(3 * 32 * 32);
      assertThat(planes[23 * 32] & 0xff).isBetween(126, 130);
      assertThat(planes[24 * 32] & 0xff).isEqualTo(Math.round(255 * 0.485f));
    }
  }

  @Test
  void whatDoesNotFitIntoMemoryIsDecodedAgain() throws Exception {
    TrainSettings settings = settings("stretch", "1", "1");
    LabelledPicture picture = TinyRun.rectangles(folder, 1, 1).pictures().get(0);
    try (PictureStore none = new PictureStore(settings.input(), settings.augmentation(), 0);
        PictureStore some = new PictureStore(settings.input(), settings.augmentation(), 1)) {
      assertThat(none.get(picture)).isNotSameAs(none.get(picture)).isEqualTo(some.get(picture));
      assertThat(some.get(picture)).isSameAs(some.get(picture));
      assertThat(some.pyramid(picture)).isSameAs(some.pyramid(picture));
    }
  }

  @Test
  void aPictureOfAnotherSizeOrNoneAtAllIsNamed() throws Exception {
    TrainSettings settings = settings("stretch", "1", "1");
    LabelledPicture real = TinyRun.rectangles(folder, 1, 1).pictures().get(0);
    LabelledPicture wrong = new LabelledPicture(9, real.file(), 81, 60, List.of(), Set.of());
    Path text = Files.writeString(folder.resolve("text.jpg"), "not a picture");
    LabelledPicture none = new LabelledPicture(10, text, 80, 60, List.of(), Set.of());
    try (PictureStore store = new PictureStore(settings.input(), settings.augmentation(), 10)) {
      assertThatThrownBy(() -> store.pyramid(wrong))
          .isInstanceOf(DatasetException.class)
          .hasMessageContaining(real.file() + ": image 9: is 80x60, the data set says 81x60");
      assertThatThrownBy(() -> store.get(none))
          .isInstanceOf(DatasetException.class)
          .hasMessageContaining(text + ": image 10");
    }
  }

  private List<String> sizes(String fit, String scaleMin, String scaleMax) throws Exception {
    TrainSettings settings = settings(fit, scaleMin, scaleMax);
    LabelledPicture picture = TinyRun.rectangles(folder, 1, 1).pictures().get(0);
    try (PictureStore store = new PictureStore(settings.input(), settings.augmentation(), 10)) {
      return store.pyramid(picture).levels().stream()
          .map(level -> level.widthPx() + "x" + level.heightPx())
          .toList();
    }
  }

  private static TrainSettings settings(String fit, String scaleMin, String scaleMax) {
    return TinyRun.settings(
        Map.of(
            "input.width", "32",
            "input.height", "32",
            "input.fit", fit,
            "augmentation.scale-min", scaleMin,
            "augmentation.scale-max", scaleMax));
  }
}
