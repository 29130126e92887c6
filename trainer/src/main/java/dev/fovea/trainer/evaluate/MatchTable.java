package dev.fovea.trainer.evaluate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What became of every detection in every picture: a hit, a miss or neither, at each IoU threshold.
 * Matching never looks at two pictures at once, so that AP over any choice of pictures, some of
 * them several times, follows from this table without matching again: that is what a bootstrap over
 * pictures needs. Immutable; any thread.
 */
public final class MatchTable {
  private static final int RECALLS = 101;
  private static final double SPACING = Math.ulp(1.0);

  private final int pictures;
  private final List<ClassMatches> classes;

  private MatchTable(int pictures, List<ClassMatches> classes) {
    this.pictures = pictures;
    this.classes = List.copyOf(classes);
  }

  /** Pictures, in the order of their ids; a weight each is what {@link #ap} takes. */
  public int pictures() {
    return pictures;
  }

  /** True boxes that count of a class, in pictures weighted so. */
  public int boxes(int label, int[] weights) {
    return classes.get(label).boxes(weights);
  }

  /**
   * COCO's AP where picture i is there {@code weights[i]} times: what {@link CocoEvaluator} gives
   * for such a data set, but for detections of equal scores, which COCO ranks by where they stand.
   *
   * @param weights (pictures) 0 or more
   * @return mean over classes that have a box there and IoU .50:.05:.95; −1 where none has
   */
  public double ap(int[] weights) {
    double sum = 0;
    int defined = 0;
    for (ClassMatches ofClass : classes) {
      double ap = ofClass.ap(weights);
      if (ap >= 0) {
        sum += ap;
        defined++;
      }
    }
    return defined == 0 ? -1 : sum / defined;
  }

  /** The same of one class; −1 where it has no box. */
  public double classAp(int label, int[] weights) {
    return classes.get(label).ap(weights);
  }

  /** Collects pictures in order. */
  static final class Builder {
    private final int thresholds;
    private final List<List<Ranked>> ranked = new ArrayList<>();
    private final List<int[]> counted = new ArrayList<>();
    private final int pictures;

    Builder(int pictures, int classes, int thresholds) {
      this.pictures = pictures;
      this.thresholds = thresholds;
      for (int label = 0; label < classes; label++) {
        ranked.add(new ArrayList<>());
        counted.add(new int[pictures]);
      }
    }

    /** True boxes that count, of one class in one picture. */
    void truth(int picture, int label, int boxes) {
      counted.get(label)[picture] = boxes;
    }

    /** A detection; bit t of {@code hits} and {@code ignored} is threshold t. */
    void detection(int picture, int label, double score, int hits, int ignored) {
      ranked.get(label).add(new Ranked(picture, score, hits, ignored));
    }

    MatchTable build() {
      List<ClassMatches> classes = new ArrayList<>();
      for (int label = 0; label < ranked.size(); label++) {
        classes.add(new ClassMatches(thresholds, counted.get(label), ranked.get(label)));
      }
      return new MatchTable(pictures, classes);
    }
  }

  private record Ranked(int picture, double score, int hits, int ignored) {}

  /** One class: detections by descending score, as columns. */
  private static final class ClassMatches {
    private final int thresholds;
    private final int[] counted; // (pictures)
    private final int[] picture; // (detections)
    private final short[] hits;
    private final short[] ignored;

    ClassMatches(int thresholds, int[] counted, List<Ranked> detections) {
      this.thresholds = thresholds;
      this.counted = counted;
      // Stable, as COCO's is: equal scores stay in the order of their pictures.
      List<Ranked> ranked = new ArrayList<>(detections);
      ranked.sort(Comparator.comparingDouble(Ranked::score).reversed());
      picture = new int[ranked.size()];
      hits = new short[ranked.size()];
      ignored = new short[ranked.size()];
      for (int d = 0; d < picture.length; d++) {
        Ranked r = ranked.get(d);
        picture[d] = r.picture;
        hits[d] = (short) r.hits;
        ignored[d] = (short) r.ignored;
      }
    }

    int boxes(int[] weights) {
      int boxes = 0;
      for (int p = 0; p < counted.length; p++) {
        boxes += weights[p] * counted[p];
      }
      return boxes;
    }

    double ap(int[] weights) {
      int boxes = boxes(weights);
      if (boxes == 0) {
        return -1;
      }
      double sum = 0;
      double[] recalls = new double[picture.length];
      double[] precisions = new double[picture.length];
      for (int t = 0; t < thresholds; t++) {
        int length = walk(t, weights, boxes, recalls, precisions);
        sum += area(recalls, precisions, length);
      }
      return sum / thresholds;
    }

    /**
     * Recall and precision after each detection that is a hit; between hits recall stands still and
     * precision only falls, so no other point is ever read. A picture that is there w times puts w
     * equal detections in a row, of which the last has the row's best precision and is the one
     * kept.
     */
    private int walk(
        int threshold, int[] weights, int boxes, double[] recalls, double[] precisions) {
      int bit = 1 << threshold;
      long found = 0;
      long wrong = 0;
      int length = 0;
      for (int d = 0; d < picture.length; d++) {
        int weight = weights[picture[d]];
        if (weight == 0 || (ignored[d] & bit) != 0) {
          continue;
        }
        if ((hits[d] & bit) != 0) {
          found += weight;
          recalls[length] = (double) found / boxes;
          precisions[length] = found / (found + wrong + SPACING);
          length++;
        } else {
          wrong += weight;
        }
      }
      return length;
    }

    private static double area(double[] recalls, double[] precisions, int length) {
      double[] read = PrecisionRecall.read(recalls, precisions, length);
      double sum = 0;
      for (double precision : read) {
        sum += precision;
      }
      return sum / RECALLS;
    }
  }
}
