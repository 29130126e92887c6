package dev.fovea.trainer.loss;

import dev.fovea.detector.geometry.Boxes;
import java.util.Arrays;

/**
 * Decides which anchor is to find which box: by the best IoU, foreground at or above one threshold,
 * background below another, ignored in between (Lin et al. 2017, Focal Loss, §4).
 *
 * @param foregroundIou at least this: foreground
 * @param backgroundIou less than this: background
 * @param lowQuality also give every box the anchors of its highest IoU, if that is above 0; such an
 *     anchor still goes to the box it overlaps most, as in Detectron2 and torchvision
 */
public record IouMatcher(double foregroundIou, double backgroundIou, boolean lowQuality)
    implements AnchorMatcher {
  @Override
  public int[] match(float[] anchors, float[] boxes) {
    int anchorCount = anchors.length / 4;
    int boxCount = boxes.length / 4;
    float[] iou = new float[boxCount * anchorCount];
    for (int box = 0; box < boxCount; box++) {
      for (int anchor = 0; anchor < anchorCount; anchor++) {
        iou[box * anchorCount + anchor] = Boxes.iou(boxes, 4 * box, anchors, 4 * anchor);
      }
    }
    return match(iou, boxCount, anchorCount);
  }

  /**
   * Matches by a table of IoU.
   *
   * @param iou (boxes, anchors), row-major
   * @return (anchors), as {@link #match(float[], float[])}
   */
  public int[] match(float[] iou, int boxCount, int anchorCount) {
    int[] best = new int[anchorCount];
    float[] bestIou = new float[anchorCount];
    Arrays.fill(bestIou, -1);
    float[] bestOfBox = new float[boxCount];
    for (int box = 0; box < boxCount; box++) {
      for (int anchor = 0; anchor < anchorCount; anchor++) {
        float value = iou[box * anchorCount + anchor];
        bestOfBox[box] = Math.max(bestOfBox[box], value);
        if (value > bestIou[anchor]) {
          bestIou[anchor] = value;
          best[anchor] = box;
        }
      }
    }
    int[] matches = new int[anchorCount];
    for (int anchor = 0; anchor < anchorCount; anchor++) {
      matches[anchor] = byThreshold(best[anchor], bestIou[anchor]);
    }
    if (lowQuality) {
      for (int box = 0; box < boxCount; box++) {
        for (int anchor = 0; bestOfBox[box] > 0 && anchor < anchorCount; anchor++) {
          if (iou[box * anchorCount + anchor] == bestOfBox[box]) {
            matches[anchor] = best[anchor];
          }
        }
      }
    }
    return matches;
  }

  private int byThreshold(int box, float iou) {
    if (iou >= (float) foregroundIou) {
      return box;
    }
    return iou < (float) backgroundIou ? BACKGROUND : IGNORED;
  }
}
