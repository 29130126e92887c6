package dev.fovea.trainer.loss;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fovea.trainer.Golden;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IouMatcherTest {
  @Test
  void matchesAsDetectron2Does() {
    JsonNode golden = Golden.read("golden.json").get("matcher_detectron2");
    JsonNode iou = golden.get("iou_gt_by_anchor");
    int[] matches =
        new IouMatcher(0.7, 0.3, true).match(Golden.floats(iou), iou.size(), iou.get(0).size());
    int[] boxes = Golden.ints(golden.get("expected_match"));
    int[] labels = Golden.ints(golden.get("expected_label"));
    for (int anchor = 0; anchor < matches.length; anchor++) {
      int expected =
          switch (labels[anchor]) {
            case 1 -> boxes[anchor];
            case 0 -> AnchorMatcher.BACKGROUND;
            default -> AnchorMatcher.IGNORED;
          };
      assertThat(matches[anchor]).as("anchor %s", anchor).isEqualTo(expected);
    }
  }

  @Test
  void matchesAsTorchvisionDoes() {
    JsonNode golden = Golden.read("torchvision-retinanet.json");
    int[] matches =
        new IouMatcher(0.5, 0.4, true)
            .match(
                Golden.floats(golden.get("anchors")),
                Golden.floats(golden.get("ground_truth").get("boxes")));
    assertThat(matches).isEqualTo(Golden.ints(golden.get("matches")));
  }

  @Test
  void everyAnchorIsBackgroundWhereThereIsNoBox() {
    int[] matches = new IouMatcher(0.5, 0.4, true).match(new float[] {0, 0, 8, 8}, new float[0]);
    assertThat(matches).containsExactly(AnchorMatcher.BACKGROUND);
  }

  @Test
  void lowQualityMatchesGiveEveryReachableBoxAnAnchor() {
    long seed = 7;
    Random random = new Random(seed);
    float[] anchors = boxes(random, 200);
    float[] boxes = boxes(random, 12);
    int[] strict = new IouMatcher(0.5, 0.4, false).match(anchors, boxes);
    int[] generous = new IouMatcher(0.5, 0.4, true).match(anchors, boxes);
    for (int anchor = 0; anchor < strict.length; anchor++) {
      if (strict[anchor] >= 0) {
        assertThat(generous[anchor]).as("seed %s", seed).isEqualTo(strict[anchor]);
      }
    }
    assertThat(generous).as("seed %s", seed).isNotEqualTo(strict);
  }

  private static float[] boxes(Random random, int count) {
    float[] boxes = new float[4 * count];
    for (int i = 0; i < boxes.length; i += 4) {
      boxes[i] = random.nextFloat() * 80;
      boxes[i + 1] = random.nextFloat() * 80;
      boxes[i + 2] = boxes[i] + 4 + random.nextFloat() * 30;
      boxes[i + 3] = boxes[i + 1] + 4 + random.nextFloat() * 30;
    }
    return boxes;
  }
}
