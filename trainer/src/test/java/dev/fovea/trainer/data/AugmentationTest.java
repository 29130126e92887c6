package dev.fovea.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.trainer.TrainSettings;
import dev.fovea.trainer.loss.Truth;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AugmentationTest {
  private static final int WIDTH = 64;
  private static final int HEIGHT = 32;

  /** A white box on black; after any change, white is where the box says. */
  @ParameterizedTest
  @CsvSource({"0, 0", "1, 0", "0, 1", "1, 1"})
  void thePictureAndItsBoxMoveTogether(String flip, String flipVertical) {
    Truth truth = box(10, 4, 22, 10);
    long seed = 21;
    Random random = new Random(seed);
    for (int round = 0; round < 20; round++) {
      float[] out = new float[3 * WIDTH * HEIGHT];
      Truth moved =
          augmentation(
                  Map.of("augmentation.flip", flip, "augmentation.flip-vertical", flipVertical))
              .augment(picture(10, 4, 22, 10), truth, random, out, 0);
      if (moved.labels().length == 1) {
        assertThat(whiteBounds(out))
            .as("seed %s, round %s", seed, round)
            .usingComparatorWithPrecision(1.01f)
            .containsExactly(moved.boxes());
      }
    }
  }

  @Test
  void upsideDownKeepsTheLeftAndTurnsTheTop() {
    Truth moved =
        augmentation(
                Map.of(
                    "augmentation.flip", "0",
                    "augmentation.flip-vertical", "1",
                    "augmentation.scale-min", "1",
                    "augmentation.scale-max", "1"))
            .augment(
                picture(10, 4, 22, 10),
                box(10, 4, 22, 10),
                new Random(1),
                new float[3 * WIDTH * HEIGHT],
                0);
    assertThat(moved.boxes()).containsExactly(new float[] {10, 22, 22, 28}, within(1e-4f));
  }

  private static Augmentation augmentation(Map<String, String> set) {
    Map<String, String> all = new HashMap<>(set);
    all.put("input.width", String.valueOf(WIDTH));
    all.put("input.height", String.valueOf(HEIGHT));
    all.put("augmentation.colour", "0");
    TrainSettings settings = TrainSettings.with(all);
    return new Augmentation(settings.input(), settings.augmentation());
  }

  private static Truth box(float x1, float y1, float x2, float y2) {
    return new Truth(
        new float[] {x1, y1, x2, y2}, new int[] {0}, new float[0], new boolean[] {false});
  }

  private static byte[] picture(int x1, int y1, int x2, int y2) {
    byte[] picture = new byte[3 * WIDTH * HEIGHT];
    for (int c = 0; c < 3; c++) {
      for (int y = y1; y < y2; y++) {
        for (int x = x1; x < x2; x++) {
          picture[c * WIDTH * HEIGHT + y * WIDTH + x] = (byte) 255;
        }
      }
    }
    return picture;
  }

  private static float[] whiteBounds(float[] out) {
    float[] bounds = {WIDTH, HEIGHT, 0, 0};
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        if (out[y * WIDTH + x] > 0.3f) {
          bounds[0] = Math.min(bounds[0], x);
          bounds[1] = Math.min(bounds[1], y);
          bounds[2] = Math.max(bounds[2], x + 1);
          bounds[3] = Math.max(bounds[3], y + 1);
        }
      }
    }
    return bounds;
  }
}
