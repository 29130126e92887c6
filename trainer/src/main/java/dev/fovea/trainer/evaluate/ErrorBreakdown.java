package dev.fovea.trainer.evaluate;

import dev.fovea.trainer.data.CocoDataset;
import dev.fovea.trainer.data.LabelledPicture;
import dev.fovea.trainer.data.LabelledPicture.Annotation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Why AP50 is not 1: every wrong detection and every box that is not found put down to one cause,
 * and what AP50 would gain if that cause alone were mended (Bolya et al. 2020, TIDE, §2.2 and
 * §2.3).
 */
public final class ErrorBreakdown {
  private static final double FOREGROUND_IOU = 0.5;
  private static final double BACKGROUND_IOU = 0.1;
  private static final int MOST_DETECTIONS = 100;

  /** What is wrong with a detection, or with a true box that has none. */
  public enum Cause {
    /** In the right place, of the wrong class. */
    CLASS,
    /** Of the right class, overlapping between 0.1 and 0.5. */
    PLACE,
    /** Wrong class and overlapping between 0.1 and 0.5. */
    BOTH,
    /** Right, but another of a higher score has the box already. */
    DUPLICATE,
    /** Where nothing is. */
    BACKGROUND,
    /** A true box that no detection has, nor one wrong in class or place only. */
    MISSED
  }

  /**
   * One cause's share.
   *
   * @param count detections, or true boxes, it is the cause of
   * @param ap50Gain what AP50 would gain without it
   */
  public record Share(int count, double ap50Gain) {}

  /**
   * One mistake: a detection, or a true box that has none.
   *
   * @param x left edge of that box, pixels
   * @param y top edge, pixels
   * @param score the detection's; 0 of a missed box
   */
  public record Mistake(
      Cause cause,
      long imageId,
      int label,
      double x,
      double y,
      double width,
      double height,
      double score) {}

  private final Map<Cause, Share> shares;
  private final List<Mistake> worst;

  private ErrorBreakdown(Map<Cause, Share> shares, List<Mistake> worst) {
    this.shares = shares;
    this.worst = List.copyOf(worst);
  }

  /** All mistakes: wrong detections, the surest first, then missed boxes, the largest first. */
  public List<Mistake> worst() {
    return worst;
  }

  /** A cause's share. */
  public Share share(Cause cause) {
    return Objects.requireNonNull(shares.get(cause));
  }

  /** Puts the errors of these detections down to causes. */
  public static ErrorBreakdown of(CocoDataset truth, List<ScoredBox> detections) {
    Map<Long, List<ScoredBox>> byPicture = new HashMap<>();
    for (ScoredBox detection : detections) {
      byPicture.computeIfAbsent(detection.imageId(), id -> new ArrayList<>()).add(detection);
    }
    Judgement judgement = new Judgement(truth.classes().size());
    for (LabelledPicture picture : truth.pictures()) {
      judgement.judge(picture, byPicture.getOrDefault(picture.id(), List.of()));
    }
    return judgement.breakdown();
  }

  /**
   * A detection that counts.
   *
   * @param cause null: it is right
   * @param mended the true box it would have with its class or place put right
   */
  private record Judged(
      ScoredBox box, @Nullable Cause cause, @Nullable Annotation mended, boolean mendedIsFree) {}

  /** Judges picture by picture, then measures. */
  private static final class Judgement {
    private final List<Judged> judged = new ArrayList<>();
    private final List<Mistake> mistakes = new ArrayList<>();
    private final int[] truth; // of each class
    private final int[] missed; // of each class

    Judgement(int classes) {
      truth = new int[classes];
      missed = new int[classes];
    }

    void judge(LabelledPicture picture, List<ScoredBox> detections) {
      List<Annotation> boxes = picture.annotations().stream().filter(a -> !a.crowd()).toList();
      boxes.forEach(box -> truth[box.label()]++);
      List<ScoredBox> ranked =
          detections.stream()
              .sorted(Comparator.comparingDouble(ScoredBox::score).reversed())
              .limit(MOST_DETECTIONS)
              .toList();
      boolean[] taken = new boolean[boxes.size()];
      boolean[] right = match(ranked, boxes, taken);
      Set<Annotation> excused = new HashSet<>();
      for (int d = 0; d < ranked.size(); d++) {
        ScoredBox detection = ranked.get(d);
        if (right[d]) {
          judged.add(new Judged(detection, null, null, false));
        } else if (counts(detection, picture)) {
          Judged wrong = wrong(detection, boxes, taken);
          judged.add(wrong);
          mistakes.add(wrong(detection, Objects.requireNonNull(wrong.cause())));
          if (wrong.mended() != null) {
            excused.add(wrong.mended());
          }
        }
      }
      for (int g = 0; g < boxes.size(); g++) {
        if (!taken[g] && !excused.contains(boxes.get(g))) {
          missed[boxes.get(g).label()]++;
          mistakes.add(missed(picture.id(), boxes.get(g)));
        }
      }
    }

    /** By descending score, each takes the free true box of its class that it overlaps most. */
    private static boolean[] match(
        List<ScoredBox> ranked, List<Annotation> boxes, boolean[] taken) {
      boolean[] right = new boolean[ranked.size()];
      for (int d = 0; d < ranked.size(); d++) {
        int best = -1;
        double bestIou = FOREGROUND_IOU;
        for (int g = 0; g < boxes.size(); g++) {
          double iou = ranked.get(d).iou(boxes.get(g));
          if (!taken[g] && boxes.get(g).label() == ranked.get(d).label() && iou >= bestIou) {
            best = g;
            bestIou = iou;
          }
        }
        if (best >= 0) {
          taken[best] = true;
          right[d] = true;
        }
      }
      return right;
    }

    /** Not where its class is a crowd or is not marked exhaustively. */
    private static boolean counts(ScoredBox detection, LabelledPicture picture) {
      return !picture.unmarked().contains(detection.label())
          && picture.annotations().stream()
              .noneMatch(
                  a ->
                      a.crowd()
                          && a.label() == detection.label()
                          && detection.iou(a) >= FOREGROUND_IOU);
    }

    private static Judged wrong(ScoredBox detection, List<Annotation> boxes, boolean[] taken) {
      int own = -1;
      int other = -1;
      double ownIou = 0;
      double otherIou = 0;
      double takenIou = 0;
      for (int g = 0; g < boxes.size(); g++) {
        double iou = detection.iou(boxes.get(g));
        if (boxes.get(g).label() != detection.label()) {
          if (iou > otherIou) {
            otherIou = iou;
            other = g;
          }
        } else {
          if (iou > ownIou) {
            ownIou = iou;
            own = g;
          }
          takenIou = taken[g] ? Math.max(takenIou, iou) : takenIou;
        }
      }
      if (own >= 0 && ownIou >= BACKGROUND_IOU && ownIou < FOREGROUND_IOU) {
        return new Judged(detection, Cause.PLACE, boxes.get(own), !taken[own]);
      }
      if (other >= 0 && otherIou >= FOREGROUND_IOU) {
        return new Judged(detection, Cause.CLASS, boxes.get(other), !taken[other]);
      }
      if (takenIou >= FOREGROUND_IOU) {
        return new Judged(detection, Cause.DUPLICATE, null, false);
      }
      boolean nothing = Math.max(ownIou, otherIou) < BACKGROUND_IOU;
      return new Judged(detection, nothing ? Cause.BACKGROUND : Cause.BOTH, null, false);
    }

    private static Mistake wrong(ScoredBox b, Cause cause) {
      return new Mistake(
          cause, b.imageId(), b.label(), b.x(), b.y(), b.width(), b.height(), b.score());
    }

    private static Mistake missed(long imageId, Annotation a) {
      return new Mistake(Cause.MISSED, imageId, a.label(), a.x(), a.y(), a.width(), a.height(), 0);
    }

    private List<Mistake> worst() {
      mistakes.sort(
          Comparator.comparingDouble(Mistake::score)
              .thenComparingDouble(m -> m.width() * m.height())
              .reversed());
      return mistakes;
    }

    ErrorBreakdown breakdown() {
      judged.sort(Comparator.comparingDouble((Judged j) -> j.box().score()).reversed());
      double now = ap50(null);
      Map<Cause, Share> shares = new EnumMap<>(Cause.class);
      for (Cause cause : Cause.values()) {
        int count =
            cause == Cause.MISSED
                ? Arrays.stream(missed).sum()
                : (int) judged.stream().filter(j -> j.cause() == cause).count();
        shares.put(cause, new Share(count, ap50(cause) - now));
      }
      return new ErrorBreakdown(shares, worst());
    }

    /** AP at IoU 0.5, with one cause mended or, for null, as it is. */
    private double ap50(@Nullable Cause mended) {
      List<List<Boolean>> hits = new ArrayList<>();
      for (int label = 0; label < truth.length; label++) {
        hits.add(new ArrayList<>());
      }
      Set<Annotation> claimed = new HashSet<>();
      for (Judged j : judged) {
        if (j.cause() == null || j.cause() != mended) {
          hits.get(j.box().label()).add(j.cause() == null);
        } else if (j.mended() != null && j.mendedIsFree() && claimed.add(j.mended())) {
          hits.get(j.mended().label()).add(true);
        }
      }
      double sum = 0;
      int classes = 0;
      for (int label = 0; label < truth.length; label++) {
        if (truth[label] > 0) {
          int positives = truth[label] - (mended == Cause.MISSED ? missed[label] : 0);
          sum += averagePrecision(hits.get(label), positives);
          classes++;
        }
      }
      return classes == 0 ? 0 : sum / classes;
    }

    private static double averagePrecision(List<Boolean> hits, int positives) {
      double[] recall = new double[hits.size()];
      double[] precision = new double[hits.size()];
      int right = 0;
      for (int i = 0; i < hits.size(); i++) {
        right += hits.get(i) ? 1 : 0;
        recall[i] = positives == 0 ? 0 : (double) right / positives;
        precision[i] = (double) right / (i + 1);
      }
      return Arrays.stream(PrecisionRecall.read(recall, precision)).average().orElse(0);
    }
  }
}
