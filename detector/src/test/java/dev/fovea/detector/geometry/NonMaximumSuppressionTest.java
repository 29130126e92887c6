package dev.fovea.detector.geometry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NonMaximumSuppressionTest {
  private static final long SEED = 1708_02002;
  private static final int ROUNDS = 300;

  @Test
  void theWeakerOfTwoBoxesOfAClassGoes() {
    Candidates candidates =
        new Candidates(
            new float[] {0, 0, 10, 10, 1, 0, 11, 10, 50, 50, 60, 60},
            new float[] {0.5f, 0.9f, 0.3f},
            new int[] {0, 0, 0});

    assertThat(suppress(candidates, 0.5f)).containsExactly(1, 2);
  }

  @Test
  void classesDoNotSuppressOneAnother() {
    Candidates candidates =
        new Candidates(
            new float[] {0, 0, 10, 10, 0, 0, 10, 10, 0, 0, 10, 10},
            new float[] {0.5f, 0.9f, 0.3f},
            new int[] {2, 0, 2});

    assertThat(suppress(candidates, 0.5f)).containsExactly(1, 0);
  }

  @Test
  void anOverlapOfExactlyTheThresholdIsKept() {
    float[] boxes = {0, 0, 10, 10, 5, 0, 15, 10};
    Candidates candidates = new Candidates(boxes, new float[] {1, 0.5f}, new int[] {0, 0});

    assertThat(suppress(candidates, 1 / 3f)).containsExactly(0, 1);
    assertThat(suppress(candidates, Math.nextDown(1 / 3f))).containsExactly(0);
  }

  @Test
  void equalScoresGoInTheOrderGiven() {
    float[] boxes = {0, 0, 10, 10, 0, 0, 10, 10, 40, 0, 50, 10};
    Candidates candidates =
        new Candidates(boxes, new float[] {0.5f, 0.5f, 0.5f}, new int[] {0, 0, 0});

    assertThat(suppress(candidates, 0.5f)).containsExactly(0, 2);
  }

  @Test
  void negativeScoresAndZerosAreOrderedAsNumbers() {
    float[] boxes = {0, 0, 1, 1, 10, 0, 11, 1, 20, 0, 21, 1, 30, 0, 31, 1, 40, 0, 41, 1};
    Candidates candidates =
        new Candidates(boxes, new float[] {-3, -0f, 0f, -1, 2}, new int[] {0, 0, 0, 0, 0});

    assertThat(suppress(candidates, 0.5f)).containsExactly(4, 1, 2, 3, 0);
  }

  @Test
  void stopsAtTheMostWanted() {
    Candidates candidates = random(new Random(SEED), 100);
    int[] all = suppress(candidates, 0.5f);
    int[] kept = new int[5];

    int count =
        new NonMaximumSuppression(0.5f)
            .suppress(candidates.boxes, candidates.scores, candidates.classes, 100, 5, kept);

    assertThat(count).isEqualTo(5);
    assertThat(kept).containsExactly(Arrays.copyOf(all, 5));
  }

  @Test
  void agreesWithTheNaiveWay() {
    Random random = new Random(SEED);
    NonMaximumSuppression shared = new NonMaximumSuppression(0.4f);
    for (int round = 0; round < ROUNDS; round++) {
      Candidates candidates = random(random, random.nextInt(120));
      int[] kept = new int[candidates.count()];

      int count =
          shared.suppress(
              candidates.boxes,
              candidates.scores,
              candidates.classes,
              candidates.count(),
              Integer.MAX_VALUE,
              kept);

      assertThat(Arrays.copyOf(kept, count))
          .as("seed %d, round %d", SEED, round)
          .containsExactly(naive(candidates, 0.4f));
    }
  }

  @Test
  void whatIsKeptStaysWhenSuppressedAgain() {
    Random random = new Random(SEED + 1);
    for (int round = 0; round < ROUNDS; round++) {
      Candidates candidates = random(random, 80);
      Candidates kept = candidates.pick(suppress(candidates, 0.5f));

      assertThat(suppress(kept, 0.5f))
          .as("seed %d, round %d", SEED + 1, round)
          .hasSize(kept.count());
    }
  }

  @Test
  void theOrderOfTheInputDoesNotMatter() {
    Random random = new Random(SEED + 2);
    for (int round = 0; round < ROUNDS; round++) {
      Candidates candidates = random(random, 80);
      for (int i = 0; i < candidates.count(); i++) {
        candidates.scores[i] = (i + 1) / 100f; // All differ.
      }
      List<Integer> shuffled = new ArrayList<>();
      for (int i = 0; i < candidates.count(); i++) {
        shuffled.add(i);
      }
      Collections.shuffle(shuffled, random);
      int[] order = shuffled.stream().mapToInt(Integer::intValue).toArray();

      int[] kept = suppress(candidates, 0.5f);
      int[] keptShuffled = suppress(candidates.pick(order), 0.5f);

      assertThat(Arrays.stream(keptShuffled).map(i -> order[i]).toArray())
          .as("seed %d, round %d", SEED + 2, round)
          .containsExactly(kept);
    }
  }

  @Test
  void aThresholdThatIsNoneIsRefused() {
    assertThatThrownBy(() -> new NonMaximumSuppression(1.5f))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the IoU threshold must be 0 to 1, not 1.5");
  }

  private static int[] suppress(Candidates candidates, float iou) {
    int[] kept = new int[candidates.count()];
    int count =
        new NonMaximumSuppression(iou)
            .suppress(
                candidates.boxes,
                candidates.scores,
                candidates.classes,
                candidates.count(),
                candidates.count(),
                kept);
    return Arrays.copyOf(kept, count);
  }

  /** The definition, comparing everything with everything. */
  private static int[] naive(Candidates candidates, float iou) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < candidates.count(); i++) {
      order.add(i);
    }
    order.sort((a, b) -> Float.compare(candidates.scores[b], candidates.scores[a]));
    List<Integer> kept = new ArrayList<>();
    for (int i : order) {
      boolean free =
          kept.stream()
              .filter(k -> candidates.classes[k] == candidates.classes[i])
              .allMatch(k -> Boxes.iou(candidates.boxes, 4 * i, candidates.boxes, 4 * k) <= iou);
      if (free) {
        kept.add(i);
      }
    }
    return kept.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Crowded boxes of four classes, with ties and a few without area. */
  private static Candidates random(Random random, int count) {
    float[] boxes = new float[4 * count];
    float[] scores = new float[count];
    int[] classes = new int[count];
    for (int i = 0; i < count; i++) {
      boxes[4 * i] = random.nextInt(60);
      boxes[4 * i + 1] = random.nextInt(60);
      boxes[4 * i + 2] = boxes[4 * i] + random.nextInt(40);
      boxes[4 * i + 3] = boxes[4 * i + 1] + random.nextInt(40);
      scores[i] = random.nextInt(20) / 20f;
      classes[i] = random.nextInt(4);
    }
    return new Candidates(boxes, scores, classes);
  }

  private static final class Candidates {
    final float[] boxes;
    final float[] scores;
    final int[] classes;

    Candidates(float[] boxes, float[] scores, int[] classes) {
      this.boxes = boxes;
      this.scores = scores;
      this.classes = classes;
    }

    int count() {
      return scores.length;
    }

    Candidates pick(int[] indices) {
      Candidates picked =
          new Candidates(
              new float[4 * indices.length], new float[indices.length], new int[indices.length]);
      for (int i = 0; i < indices.length; i++) {
        System.arraycopy(boxes, 4 * indices[i], picked.boxes, 4 * i, 4);
        picked.scores[i] = scores[indices[i]];
        picked.classes[i] = classes[indices[i]];
      }
      return picked;
    }
  }
}
