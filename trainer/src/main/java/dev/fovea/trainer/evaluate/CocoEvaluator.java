package dev.fovea.trainer.evaluate;

import dev.fovea.trainer.data.CocoDataset;
import dev.fovea.trainer.data.LabelledPicture;
import dev.fovea.trainer.data.LabelledPicture.Annotation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * COCO's evaluation of boxes, figure for figure what pycocotools' {@code COCOeval} gives: greedy
 * matching by score at ten IoU thresholds, crowds and boxes out of the area range ignored,
 * precision read at 101 recalls, at most 100 detections of a class in a picture. Where a picture's
 * marks of a class are not exhaustive, its unmatched detections of that class count neither way, as
 * in LVIS.
 */
public final class CocoEvaluator {
  private static final double[] IOU_THRESHOLDS = evenly(0.5, 0.95, 10);
  private static final int[] MOST_DETECTIONS = {1, 10, 100};
  private static final double[][] AREAS = {
    {0, 1e10}, {0, 32 * 32}, {32 * 32, 96 * 96}, {96 * 96, 1e10}
  };
  private static final int ALL = 0;
  private static final double SPACING = Math.ulp(1.0);

  private final CocoDataset truth;
  private final List<LabelledPicture> pictures;

  public CocoEvaluator(CocoDataset truth) {
    this.truth = truth;
    this.pictures =
        truth.pictures().stream().sorted(Comparator.comparingLong(LabelledPicture::id)).toList();
  }

  /**
   * Evaluates detections.
   *
   * @throws IllegalArgumentException naming the detection whose picture or label the truth does not
   *     have
   */
  public CocoMetrics evaluate(List<ScoredBox> detections) {
    return measure(detections).metrics();
  }

  /**
   * Evaluates detections, with the curves that AP50 is the area under.
   *
   * @throws IllegalArgumentException as {@link #evaluate}
   */
  public Measured measure(List<ScoredBox> detections) {
    Map<Long, List<List<ScoredBox>>> byPicture = group(detections);
    int classes = truth.classes().size();
    Curves[][] curves = new Curves[classes][AREAS.length];
    for (int label = 0; label < classes; label++) {
      List<Pair> pairs = new ArrayList<>();
      for (LabelledPicture picture : pictures) {
        Pair pair = new Pair(picture, label, byPicture.getOrDefault(picture.id(), List.of()));
        if (!pair.isEmpty()) {
          pairs.add(pair);
        }
      }
      for (int area = 0; area < AREAS.length; area++) {
        curves[label][area] = Curves.of(pairs, AREAS[area]);
      }
    }
    return new Measured(summarise(curves), precisionRecall(curves));
  }

  /**
   * Matches detections once, so that AP over any choice of pictures can be told afterwards.
   *
   * @throws IllegalArgumentException as {@link #evaluate}
   */
  public MatchTable match(List<ScoredBox> detections) {
    Map<Long, List<List<ScoredBox>>> byPicture = group(detections);
    int classes = truth.classes().size();
    MatchTable.Builder table =
        new MatchTable.Builder(pictures.size(), classes, IOU_THRESHOLDS.length);
    for (int p = 0; p < pictures.size(); p++) {
      LabelledPicture picture = pictures.get(p);
      for (int label = 0; label < classes; label++) {
        new Pair(picture, label, byPicture.getOrDefault(picture.id(), List.of()))
            .match(AREAS[ALL])
            .addTo(table, p, label);
      }
    }
    return table.build();
  }

  /** The ids of the truth's pictures, in the order of a {@link MatchTable}. */
  public List<Long> pictureIds() {
    return pictures.stream().map(LabelledPicture::id).toList();
  }

  /** The figures, and a curve for every class that has truth. */
  public record Measured(CocoMetrics metrics, List<PrecisionRecall> curves) {}

  private List<PrecisionRecall> precisionRecall(Curves[][] curves) {
    List<PrecisionRecall> all = new ArrayList<>();
    for (int label = 0; label < curves.length; label++) {
      Curves c = curves[label][ALL];
      for (int t = 0; c.isDefined() && t < IOU_THRESHOLDS.length; t++) {
        all.add(
            new PrecisionRecall(
                truth.classes().get(label), IOU_THRESHOLDS[t], boxed(c.precision[t])));
      }
    }
    return all;
  }

  private static List<Double> boxed(double[] values) {
    return Arrays.stream(values).boxed().toList();
  }

  private Map<Long, List<List<ScoredBox>>> group(List<ScoredBox> detections) {
    Map<Long, List<List<ScoredBox>>> byPicture = new HashMap<>();
    for (LabelledPicture picture : pictures) {
      List<List<ScoredBox>> byLabel = new ArrayList<>();
      truth.classes().forEach(c -> byLabel.add(new ArrayList<>()));
      byPicture.put(picture.id(), byLabel);
    }
    for (ScoredBox detection : detections) {
      List<List<ScoredBox>> byLabel = byPicture.get(detection.imageId());
      if (byLabel == null || detection.label() < 0 || detection.label() >= byLabel.size()) {
        throw new IllegalArgumentException(
            detection + ": the truth has no such picture or label (" + truth.classes() + ")");
      }
      byLabel.get(detection.label()).add(detection);
    }
    return byPicture;
  }

  private CocoMetrics summarise(Curves[][] curves) {
    Map<String, Double> classAp = new LinkedHashMap<>();
    Map<String, Double> classAp50 = new LinkedHashMap<>();
    for (int label = 0; label < curves.length; label++) {
      Curves[][] one = {curves[label]};
      classAp.put(truth.classes().get(label), precision(one, ALL, -1));
      classAp50.put(truth.classes().get(label), precision(one, ALL, 0));
    }
    return new CocoMetrics(
        precision(curves, ALL, -1),
        precision(curves, ALL, 0),
        precision(curves, ALL, 5),
        precision(curves, 1, -1),
        precision(curves, 2, -1),
        precision(curves, 3, -1),
        recall(curves, ALL, 0),
        recall(curves, ALL, 1),
        recall(curves, ALL, 2),
        recall(curves, 1, 2),
        recall(curves, 2, 2),
        recall(curves, 3, 2),
        classAp,
        classAp50);
  }

  /** Mean precision of the classes that have truth; at one threshold, or at all for −1. */
  private static double precision(Curves[][] curves, int area, int threshold) {
    Mean mean = new Mean();
    for (Curves[] ofClass : curves) {
      Curves c = ofClass[area];
      for (int t = 0; c.isDefined() && t < IOU_THRESHOLDS.length; t++) {
        if (threshold < 0 || threshold == t) {
          Arrays.stream(c.precision[t]).forEach(mean::add);
        }
      }
    }
    return mean.get();
  }

  private static double recall(Curves[][] curves, int area, int most) {
    Mean mean = new Mean();
    for (Curves[] ofClass : curves) {
      if (ofClass[area].isDefined()) {
        Arrays.stream(ofClass[area].recall[most]).forEach(mean::add);
      }
    }
    return mean.get();
  }

  private static double[] evenly(double first, double last, int count) {
    double step = (last - first) / (count - 1);
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = first + i * step;
    }
    values[count - 1] = last;
    return values;
  }

  private static final class Mean {
    private double sum;
    private int count;

    void add(double value) {
      sum += value;
      count++;
    }

    double get() {
      return count == 0 ? -1 : sum / count;
    }
  }

  /** Truth and detections of one class in one picture, detections by descending score. */
  private static final class Pair {
    final List<Annotation> truth;
    final List<ScoredBox> detections;
    final boolean unmarked;
    final double[][] iou; // (detections, truth)

    Pair(LabelledPicture picture, int label, List<List<ScoredBox>> byLabel) {
      truth = picture.annotations().stream().filter(a -> a.label() == label).toList();
      unmarked = picture.unmarked().contains(label);
      detections =
          byLabel.isEmpty()
              ? List.of()
              : byLabel.get(label).stream()
                  .sorted(Comparator.comparingDouble(ScoredBox::score).reversed())
                  .limit(MOST_DETECTIONS[2])
                  .toList();
      iou = new double[detections.size()][truth.size()];
      for (int d = 0; d < iou.length; d++) {
        for (int g = 0; g < truth.size(); g++) {
          iou[d][g] = detections.get(d).iou(truth.get(g));
        }
      }
    }

    boolean isEmpty() {
      return truth.isEmpty() && detections.isEmpty();
    }

    /** Matches at every threshold, for one area range. */
    Matches match(double[] area) {
      boolean[] ignored = new boolean[truth.size()];
      List<Integer> order = new ArrayList<>();
      for (int pass = 0; pass < 2; pass++) {
        for (int g = 0; g < truth.size(); g++) {
          Annotation a = truth.get(g);
          ignored[g] = a.crowd() || a.area() < area[0] || a.area() > area[1];
          if (ignored[g] == (pass == 1)) {
            order.add(g); // what counts comes before what is ignored
          }
        }
      }
      Matches matches = new Matches(detections, order.size());
      for (boolean i : ignored) {
        matches.counted -= i ? 1 : 0;
      }
      for (int t = 0; t < IOU_THRESHOLDS.length; t++) {
        boolean[] taken = new boolean[truth.size()];
        for (int d = 0; d < detections.size(); d++) {
          int g = best(d, order, ignored, taken, IOU_THRESHOLDS[t]);
          ScoredBox box = detections.get(d);
          double boxArea = box.width() * box.height();
          if (g >= 0) {
            taken[g] = true;
            matches.hit[t][d] = true;
            matches.ignored[t][d] = ignored[g];
          } else {
            matches.ignored[t][d] = unmarked || boxArea < area[0] || boxArea > area[1];
          }
        }
      }
      return matches;
    }

    private int best(
        int d, List<Integer> order, boolean[] ignored, boolean[] taken, double threshold) {
      double best = Math.min(threshold, 1 - 1e-10);
      int match = -1;
      for (int g : order) {
        if (taken[g] && !truth.get(g).crowd()) {
          continue;
        }
        if (match >= 0 && !ignored[match] && ignored[g]) {
          break;
        }
        if (iou[d][g] >= best) {
          best = iou[d][g];
          match = g;
        }
      }
      return match;
    }
  }

  /** What became of one picture's detections of one class, by threshold. */
  private static final class Matches {
    final List<ScoredBox> detections;
    final boolean[][] hit;
    final boolean[][] ignored;
    int counted;

    Matches(List<ScoredBox> detections, int truth) {
      this.detections = detections;
      this.counted = truth;
      this.hit = new boolean[IOU_THRESHOLDS.length][detections.size()];
      this.ignored = new boolean[IOU_THRESHOLDS.length][detections.size()];
    }

    void addTo(MatchTable.Builder table, int picture, int label) {
      table.truth(picture, label, counted);
      for (int d = 0; d < detections.size(); d++) {
        int hits = 0;
        int left = 0;
        for (int t = 0; t < IOU_THRESHOLDS.length; t++) {
          left |= ignored[t][d] ? 1 << t : 0;
          hits |= hit[t][d] ? 1 << t : 0;
        }
        table.detection(picture, label, detections.get(d).score(), hits, left);
      }
    }
  }

  /** A class's precision at the recalls and its largest recall, for one area range. */
  private static final class Curves {
    final double[][] precision = new double[IOU_THRESHOLDS.length][];
    final double[][] recall = new double[MOST_DETECTIONS.length][IOU_THRESHOLDS.length];
    private final boolean defined;

    private Curves(boolean defined) {
      this.defined = defined;
    }

    boolean isDefined() {
      return defined;
    }

    static Curves of(List<Pair> pairs, double[] area) {
      List<Matches> matches = pairs.stream().map(pair -> pair.match(area)).toList();
      int positives = matches.stream().mapToInt(m -> m.counted).sum();
      Curves curves = new Curves(positives > 0);
      if (positives > 0) {
        for (int most = 0; most < MOST_DETECTIONS.length; most++) {
          curves.accumulate(matches, positives, most);
        }
      }
      return curves;
    }

    private void accumulate(List<Matches> matches, int positives, int most) {
      record Ranked(double score, Matches of, int detection) {}
      List<Ranked> ranked = new ArrayList<>();
      for (Matches m : matches) {
        int count = Math.min(m.detections.size(), MOST_DETECTIONS[most]);
        for (int d = 0; d < count; d++) {
          ranked.add(new Ranked(m.detections.get(d).score(), m, d));
        }
      }
      ranked.sort(Comparator.comparingDouble(Ranked::score).reversed());
      for (int t = 0; t < IOU_THRESHOLDS.length; t++) {
        double[] recalls = new double[ranked.size()];
        double[] precisions = new double[ranked.size()];
        int hits = 0;
        int misses = 0;
        for (int i = 0; i < ranked.size(); i++) {
          Ranked r = ranked.get(i);
          if (!r.of.ignored[t][r.detection]) {
            hits += r.of.hit[t][r.detection] ? 1 : 0;
            misses += r.of.hit[t][r.detection] ? 0 : 1;
          }
          recalls[i] = (double) hits / positives;
          precisions[i] = hits / (hits + misses + SPACING);
        }
        recall[most][t] = recalls.length == 0 ? 0 : recalls[recalls.length - 1];
        if (most == MOST_DETECTIONS.length - 1) {
          precision[t] = PrecisionRecall.read(recalls, precisions);
        }
      }
    }
  }
}
