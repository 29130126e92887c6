package dev.fovea.detector.mining;

import dev.fovea.detector.geometry.Boxes;
import dev.fovea.schema.avro.Detection;
import java.util.Arrays;
import java.util.List;

/**
 * How much two consecutive answers of a camera contradict each other: an object that is in one of
 * them alone was either missed in the other or invented. Boxes of a class are paired by overlap,
 * best first; of those left, a box that has moved by less than twice its size is the same object.
 * What may rightly come and go, at the picture's edge, does not count.
 */
final class Disagreement {
  private static final float SAME_IOU = 0.3f;

  /** Most sizes of a box that its centre moves from one frame to the next. */
  private static final float REACH = 2;

  /** Part of the picture's width and height, at each edge, where objects come and go. */
  private static final float EDGE = 0.04f;

  private static final int NONE = -1;

  private final List<Detection> before;
  private final List<Detection> after;
  private final float[] beforeBoxes;
  private final float[] afterBoxes;

  /** Of each box before, its partner after, and the other way round. */
  private final int[] partnerAfter;

  private final int[] partnerBefore;

  private Disagreement(List<Detection> before, List<Detection> after) {
    this.before = before;
    this.after = after;
    this.beforeBoxes = boxes(before);
    this.afterBoxes = boxes(after);
    this.partnerAfter = new int[before.size()];
    this.partnerBefore = new int[after.size()];
    Arrays.fill(partnerAfter, NONE);
    Arrays.fill(partnerBefore, NONE);
  }

  /** How many objects are in one answer alone, each counted by its score. */
  static double between(List<Detection> before, List<Detection> after, int widthPx, int heightPx) {
    Disagreement pairs = new Disagreement(before, after);
    pairs.match(pairs::overlap);
    pairs.match(pairs::nearness);
    return alone(before, pairs.partnerAfter, widthPx, heightPx)
        + alone(after, pairs.partnerBefore, widthPx, heightPx);
  }

  /** How well two boxes match; 0 = not at all. */
  private interface Likeness {
    float of(int before, int after);
  }

  private void match(Likeness likeness) {
    for (int b = 0; b < before.size(); b++) {
      if (partnerAfter[b] == NONE) {
        int best = NONE;
        float most = 0;
        for (int a = 0; a < after.size(); a++) {
          float like = candidates(b, a) ? likeness.of(b, a) : 0;
          if (like > most) {
            most = like;
            best = a;
          }
        }
        if (best != NONE) {
          partnerAfter[b] = best;
          partnerBefore[best] = b;
        }
      }
    }
  }

  private boolean candidates(int b, int a) {
    return partnerBefore[a] == NONE && before.get(b).getLabel().equals(after.get(a).getLabel());
  }

  private float overlap(int b, int a) {
    float iou = Boxes.iou(beforeBoxes, 4 * b, afterBoxes, 4 * a);
    return iou >= SAME_IOU ? iou : 0;
  }

  /** 1 for the same centre, 0 from {@link #REACH} sizes away on. */
  private float nearness(int b, int a) {
    float x = moved(4 * b, 4 * a);
    float y = moved(4 * b + 1, 4 * a + 1);
    return Math.max(0, 1 - Math.max(x, y) / REACH);
  }

  /** Along one axis, in sizes of the larger box. */
  private float moved(int b, int a) {
    float beforeSize = beforeBoxes[b + 2] - beforeBoxes[b];
    float afterSize = afterBoxes[a + 2] - afterBoxes[a];
    float centres = (afterBoxes[a] + afterBoxes[a + 2] - beforeBoxes[b] - beforeBoxes[b + 2]) / 2;
    return Math.abs(centres) / Math.max(1e-6f, Math.max(beforeSize, afterSize));
  }

  private static double alone(List<Detection> boxes, int[] partners, int widthPx, int heightPx) {
    double sum = 0;
    for (int i = 0; i < partners.length; i++) {
      if (partners[i] == NONE && !isAtEdge(boxes.get(i), widthPx, heightPx)) {
        sum += boxes.get(i).getScore();
      }
    }
    return sum;
  }

  private static boolean isAtEdge(Detection box, int widthPx, int heightPx) {
    return box.getX1() < EDGE * widthPx
        || box.getY1() < EDGE * heightPx
        || box.getX2() > (1 - EDGE) * widthPx
        || box.getY2() > (1 - EDGE) * heightPx;
  }

  private static float[] boxes(List<Detection> detections) {
    float[] boxes = new float[4 * detections.size()];
    for (int i = 0; i < detections.size(); i++) {
      Detection d = detections.get(i);
      boxes[4 * i] = d.getX1();
      boxes[4 * i + 1] = d.getY1();
      boxes[4 * i + 2] = d.getX2();
      boxes[4 * i + 3] = d.getY2();
    }
    return boxes;
  }
}
