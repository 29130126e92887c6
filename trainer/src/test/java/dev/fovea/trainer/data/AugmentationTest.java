package dev.fovea.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.trainer.TrainSettings;
import dev.fovea.trainer.loss.Truth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AugmentationTest {
  private static final int WIDTH = 64;
  private static final int HEIGHT = 32;
  private static final Map<String, String> UNCHANGED =
      Map.of(
          "augmentation.flip", "0",
          "augmentation.scale-min", "1",
          "augmentation.scale-max", "1");

  /** A white box on black; after any change, white is where the box says. */
  @ParameterizedTest
  @CsvSource({"0, 0", "1, 0", "0, 1", "1, 1"})
  void thePictureAndItsBoxMoveTogether(String flip, String flipVertical) {
    Augmentation augmentation =
        augmentation(Map.of("augmentation.flip", flip, "augmentation.flip-vertical", flipVertical));
    long seed = 21;
    Random random = new Random(seed);
    for (int round = 0; round < 20; round++) {
      float[] out = new float[3 * WIDTH * HEIGHT];
      Truth moved = augmentation.whole(source(10, 4, 22, 10, 0), random, out, 0);
      if (moved.labels().length == 1) {
        assertThat(whiteBounds(out, 0, 0, WIDTH, HEIGHT))
            .as("seed %s, round %s", seed, round)
            .usingComparatorWithPrecision(1.01f)
            .containsExactly(moved.boxes());
      }
    }
  }

  @Test
  void upsideDownKeepsTheLeftAndTurnsTheTop() {
    Map<String, String> set = new HashMap<>(UNCHANGED);
    set.put("augmentation.flip-vertical", "1");
    Truth moved =
        augmentation(set)
            .whole(source(10, 4, 22, 10, 0), new Random(1), new float[3 * WIDTH * HEIGHT], 0);
    assertThat(moved.boxes()).containsExactly(new float[] {10, 22, 22, 28}, within(1e-4f));
  }

  /** The quarters of a mosaic know their own pictures' boxes, and what those leave unmarked. */
  @Test
  void aMosaicHasFourPicturesEachInItsQuarter() {
    Augmentation augmentation =
        augmentation(
            Map.of(
                "augmentation.scale-min", "0.5",
                "augmentation.scale-max", "0.9",
                "augmentation.flip-vertical", "0.5"));
    List<Augmentation.Source> four = new ArrayList<>();
    for (int label = 0; label < 4; label++) {
      four.add(source(24, 10, 44, 22, label));
    }
    long seed = 5;
    Random random = new Random(seed);
    Set<Integer> seen = new HashSet<>();
    for (int round = 0; round < 50; round++) {
      float[] out = new float[3 * WIDTH * HEIGHT];
      Truth truth = augmentation.mosaic(four, random, out, 0);
      assertThat(truth.parts()).hasSize(4);
      for (int i = 0; i < truth.labels().length; i++) {
        int label = truth.labels()[i];
        seen.add(label);
        Truth.Part part = truth.parts().get(label);
        assertThat(part.unmarked()).containsExactly(label);
        float[] box = Arrays.copyOfRange(truth.boxes(), 4 * i, 4 * i + 4);
        assertThat(
                whiteBounds(
                    out,
                    (int) Math.max(0, part.x1()),
                    (int) Math.max(0, part.y1()),
                    (int) Math.min(WIDTH, part.x2()),
                    (int) Math.min(HEIGHT, part.y2())))
            .as("seed %s, round %s, quarter %s", seed, round, label)
            .usingComparatorWithPrecision(1.01f)
            .containsExactly(box);
      }
    }
    assertThat(seen).containsExactlyInAnyOrder(0, 1, 2, 3);
  }

  @Test
  void theQuartersCoverThePictureAndWhatSurroundsIt() {
    List<Augmentation.Source> four = new ArrayList<>();
    for (int label = 0; label < 4; label++) {
      four.add(source(0, 0, 8, 8, label));
    }
    List<Truth.Part> parts =
        augmentation(UNCHANGED)
            .mosaic(four, new Random(3), new float[3 * WIDTH * HEIGHT], 0)
            .parts();
    float middleX = parts.get(0).x2();
    float middleY = parts.get(0).y2();
    assertThat(middleX).isBetween(WIDTH / 4f, 3 * WIDTH / 4f);
    assertThat(middleY).isBetween(HEIGHT / 4f, 3 * HEIGHT / 4f);
    float end = Float.POSITIVE_INFINITY;
    assertThat(parts)
        .containsExactly(
            new Truth.Part(-end, -end, middleX, middleY, Set.of(0)),
            new Truth.Part(middleX, -end, end, middleY, Set.of(1)),
            new Truth.Part(-end, middleY, middleX, end, Set.of(2)),
            new Truth.Part(middleX, middleY, end, end, Set.of(3)));
  }

  /** Stripes a pixel wide at twice the input's size: seen when enlarged, grey when not. */
  @Test
  void whatIsEnlargedHasThePicturesOwnPixels() {
    PicturePyramid.Level fine = stripes(2 * WIDTH, 2 * HEIGHT, 2);
    PicturePyramid picture = new PicturePyramid(List.of(fine, fine.half()));
    Map<String, String> set = new HashMap<>(UNCHANGED);
    set.put("augmentation.scale-min", "2");
    set.put("augmentation.scale-max", "2");
    assertThat(contrast(set, picture)).isGreaterThan(1.5);
    assertThat(contrast(UNCHANGED, picture)).isLessThan(0.1);
  }

  /** Stripes a pixel wide at a third: every third pixel would alternate black and white. */
  @Test
  void whatIsMadeSmallIsAveraged() {
    PicturePyramid.Level fine = stripes(WIDTH, HEIGHT, 1);
    Map<String, String> set = new HashMap<>(UNCHANGED);
    set.put("augmentation.scale-min", "0.3333333");
    set.put("augmentation.scale-max", "0.3333333");
    assertThat(contrast(set, new PicturePyramid(List.of(fine)))).isGreaterThan(0.5);
    assertThat(contrast(set, new PicturePyramid(List.of(fine, fine.half())))).isLessThan(0.1);
  }

  @Test
  void halvingKeepsOddEdgesAndPlaces() {
    PicturePyramid.Level level =
        new PicturePyramid.Level(
            1, 1, 3, 1, new byte[] {0, 100, 40, 8, 8, 8, (byte) 255, (byte) 255, (byte) 255});
    PicturePyramid.Level half = level.half();
    assertThat(half.zoomX()).isEqualTo(0.5);
    assertThat(half.widthPx()).isEqualTo(2);
    assertThat(half.heightPx()).isEqualTo(1);
    assertThat(half.planes()).containsExactly(50, 40, 8, 8, 255, 255);
  }

  /** Difference of neighbours in the middle of what is shown, in deviations of the data. */
  private static double contrast(Map<String, String> set, PicturePyramid picture) {
    float[] out = new float[3 * WIDTH * HEIGHT];
    Truth nothing = new Truth(new float[0], new int[0], new float[0], List.of());
    augmentation(set)
        .whole(new Augmentation.Source(picture, WIDTH, HEIGHT, nothing), new Random(1), out, 0);
    double most = 0;
    for (int row = 0; row < HEIGHT; row++) {
      for (int column = 1; column < WIDTH; column++) {
        float a = out[row * WIDTH + column - 1];
        float b = out[row * WIDTH + column];
        if (a != 0 && b != 0) { // inside the picture
          most = Math.max(most, Math.abs(a - b));
        }
      }
    }
    return most;
  }

  private static PicturePyramid.Level stripes(int width, int height, double zoom) {
    byte[] planes = new byte[3 * width * height];
    for (int i = 0; i < planes.length; i++) {
      planes[i] = (byte) (i % 2 == 0 ? 255 : 0);
    }
    return new PicturePyramid.Level(zoom, zoom, width, height, planes);
  }

  private static Augmentation augmentation(Map<String, String> set) {
    Map<String, String> all = new HashMap<>(set);
    all.put("input.width", String.valueOf(WIDTH));
    all.put("input.height", String.valueOf(HEIGHT));
    all.put("augmentation.colour", "0");
    TrainSettings settings = TrainSettings.with(all);
    return new Augmentation(
        settings.input(), settings.augmentation(), settings.input().sizes().get(0));
  }

  /** A white box on black, of a class that is otherwise unmarked. */
  private static Augmentation.Source source(int x1, int y1, int x2, int y2, int label) {
    Truth truth =
        new Truth(
            new float[] {x1, y1, x2, y2},
            new int[] {label},
            new float[0],
            List.of(Truth.Part.whole(Set.of(label))));
    byte[] picture = new byte[3 * WIDTH * HEIGHT];
    for (int c = 0; c < 3; c++) {
      for (int y = y1; y < y2; y++) {
        for (int x = x1; x < x2; x++) {
          picture[c * WIDTH * HEIGHT + y * WIDTH + x] = (byte) 255;
        }
      }
    }
    return new Augmentation.Source(
        new PicturePyramid(List.of(new PicturePyramid.Level(1, 1, WIDTH, HEIGHT, picture))),
        WIDTH,
        HEIGHT,
        truth);
  }

  private static float[] whiteBounds(float[] out, int left, int top, int right, int bottom) {
    float[] bounds = {WIDTH, HEIGHT, 0, 0};
    for (int y = top; y < bottom; y++) {
      for (int x = left; x < right; x++) {
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
