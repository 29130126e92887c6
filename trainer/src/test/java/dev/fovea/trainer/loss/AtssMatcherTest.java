package dev.fovea.trainer.loss;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.detector.geometry.AnchorGenerator;
import dev.fovea.detector.geometry.AnchorShapes;
import dev.fovea.detector.geometry.Boxes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AtssMatcherTest {
  private static final AnchorGenerator GENERATOR =
      AnchorGenerator.of(
          new AnchorShapes(2, List.of(0.5, 1.0, 2.0), List.of(1.0, 1.26, 1.59), false), 256, 160);
  private static final float[] ANCHORS = GENERATOR.generate();

  @Test
  void aBoxLikeAnAnchorIsFoundByItAndByNoneThatOverlapsLessThanTheThreshold() {
    int middle = GENERATOR.perLocation() * (10 * GENERATOR.width(0) + 16) + 3;
    float[] box = Arrays.copyOfRange(ANCHORS, 4 * middle, 4 * middle + 4);
    int[] matches = match(box);
    assertThat(matches[middle]).isZero();
    double lowestFound =
        IntStream.range(0, matches.length)
            .filter(a -> matches[a] == 0)
            .mapToDouble(a -> Boxes.iou(box, 0, ANCHORS, 4 * a))
            .min()
            .orElseThrow();
    // 9 locations of P3 to P6 and the 4 of P7, 9 anchors each: the threshold by hand.
    assertThat(lowestFound).isGreaterThanOrEqualTo(thresholdByHand(box));
  }

  @Test
  void everyFoundAnchorHasItsCentreInTheBox() {
    long seed = 11;
    Random random = new Random(seed);
    for (int round = 0; round < 50; round++) {
      float[] box = box(random, 16);
      int[] matches = match(box);
      for (int a = 0; a < matches.length; a++) {
        if (matches[a] == 0) {
          float x = (ANCHORS[4 * a] + ANCHORS[4 * a + 2]) / 2;
          float y = (ANCHORS[4 * a + 1] + ANCHORS[4 * a + 3]) / 2;
          assertThat(x).as("seed %s", seed).isBetween(box[0], box[2]);
          assertThat(y).as("seed %s", seed).isBetween(box[1], box[3]);
        }
      }
    }
  }

  @Test
  void everyBoxIsFoundHoweverSmall() {
    long seed = 12;
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      float[] box = box(random, 1);
      assertThat(match(box)).as("seed %s, round %s", seed, round).contains(0);
    }
  }

  @Test
  void anAnchorOfTwoBoxesGoesToTheOneItOverlapsMost() {
    float[] boxes = {100, 60, 124, 84, 98, 58, 130, 90};
    int[] matches = match(boxes);
    assertThat(matches).contains(0, 1);
    for (int a = 0; a < matches.length; a++) {
      if (matches[a] >= 0) {
        int[] alone = match(Arrays.copyOfRange(boxes, 0, 4));
        int[] other = match(Arrays.copyOfRange(boxes, 4, 8));
        if (alone[a] == 0 && other[a] == 0) {
          boolean first =
              Boxes.iou(boxes, 0, ANCHORS, 4 * a) >= Boxes.iou(boxes, 4, ANCHORS, 4 * a);
          assertThat(matches[a]).isEqualTo(first ? 0 : 1);
        }
      }
    }
  }

  @Test
  void everyAnchorIsBackgroundWhereThereIsNoBox() {
    assertThat(match(new float[0])).containsOnly(AnchorMatcher.BACKGROUND);
  }

  private static int[] match(float[] boxes) {
    return new AtssMatcher(GENERATOR, 9).match(ANCHORS, boxes);
  }

  /** Mean plus sample deviation over the candidates, found by sorting all locations of a level. */
  private static double thresholdByHand(float[] box) {
    float x = (box[0] + box[2]) / 2;
    float y = (box[1] + box[3]) / 2;
    List<Double> iou = new ArrayList<>();
    int first = 0;
    for (int level = 0; level < GENERATOR.levels(); level++) {
      int from = first;
      IntStream.range(0, GENERATOR.height(level) * GENERATOR.width(level))
          .boxed()
          .sorted(
              Comparator.comparingDouble(
                  location -> {
                    int anchor = 4 * (from + location * GENERATOR.perLocation());
                    double dx = (ANCHORS[anchor] + ANCHORS[anchor + 2]) / 2 - x;
                    double dy = (ANCHORS[anchor + 1] + ANCHORS[anchor + 3]) / 2 - y;
                    return dx * dx + dy * dy;
                  }))
          .limit(9)
          .forEach(
              location -> {
                for (int a = 0; a < GENERATOR.perLocation(); a++) {
                  int anchor = from + location * GENERATOR.perLocation() + a;
                  iou.add((double) Boxes.iou(box, 0, ANCHORS, 4 * anchor));
                }
              });
      first += GENERATOR.count(level);
    }
    double mean = iou.stream().mapToDouble(d -> d).average().orElseThrow();
    double squares = iou.stream().mapToDouble(d -> (d - mean) * (d - mean)).sum();
    return mean + Math.sqrt(squares / (iou.size() - 1)) - 1e-6;
  }

  private static float[] box(Random random, float smallest) {
    float x = random.nextFloat() * 180;
    float y = random.nextFloat() * 100;
    return new float[] {
      x, y, x + smallest + random.nextFloat() * 50, y + smallest + random.nextFloat() * 50
    };
  }
}
