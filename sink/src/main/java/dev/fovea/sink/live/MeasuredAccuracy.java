package dev.fovea.sink.live;

import dev.fovea.schema.avro.Detection;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.LabelledBox;
import dev.fovea.schema.avro.Outcome;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * How right the published boxes of one camera were of late, where its frames say what is in them:
 * AP at IoU .5 over the last {@value #WINDOW_FRAMES} of its frames that were analysed, without
 * those taken longer than a window before the last. A frame is judged when its picture meets its
 * answer, so that what is measured is what a viewer has seen.
 *
 * <p>Not thread-safe: guarded by {@link CameraBoard}.
 */
final class MeasuredAccuracy {
  private static final int WINDOW_FRAMES = 300;
  private static final double SAME_OBJECT_IOU = 0.5;

  /** A picture with more objects or boxes is not judged: each is held against each. */
  private static final int MAX_BOXES = 1_000;

  private final long windowMicros;
  private final Deque<Judged> window = new ArrayDeque<>();

  /**
   * @param longest frames taken longer than this before the last do not count
   */
  MeasuredAccuracy(Duration longest) {
    this.windowMicros = TimeUnit.MILLISECONDS.toMicros(longest.toMillis());
  }

  /** A published box: its score, and whether it found an object that no better one had found. */
  private record Verdict(String label, float score, boolean right) {}

  /**
   * One frame.
   *
   * @param captureTimeMicros when it was taken
   * @param verdicts one for each published box
   * @param objects how many there are of each class
   */
  private record Judged(
      long captureTimeMicros, List<Verdict> verdicts, Map<String, Integer> objects) {}

  /** Takes a frame into the window, if it knows what is in it and was analysed. */
  void judge(PairedFrame pair) {
    Outcome outcome = pair.answer().getOutcome();
    boolean analysed = outcome == Outcome.DETECTED || outcome == Outcome.UNCHANGED;
    pair.truth()
        .filter(truth -> analysed && truth.size() <= MAX_BOXES)
        .filter(truth -> pair.answer().getDetections().size() <= MAX_BOXES)
        .ifPresent(truth -> add(judged(pair.answer(), truth)));
  }

  private void add(Judged frame) {
    window.addLast(frame);
    while (window.size() > WINDOW_FRAMES
        || window.getFirst().captureTimeMicros < frame.captureTimeMicros - windowMicros) {
      window.removeFirst();
    }
  }

  /**
   * All these cameras' windows as one.
   *
   * @return empty where no frame, or no object, was seen
   */
  static Optional<AccuracyView> of(Collection<MeasuredAccuracy> cameras) {
    Map<String, List<AveragePrecision.Ranked>> boxes = new HashMap<>();
    Map<String, Integer> objects = new HashMap<>();
    int frames = 0;
    int judgedCameras = 0;
    for (MeasuredAccuracy camera : cameras) {
      frames += camera.window.size();
      judgedCameras += camera.window.isEmpty() ? 0 : 1;
      for (Judged frame : camera.window) {
        frame.objects.forEach((label, n) -> objects.merge(label, n, Integer::sum));
        for (Verdict verdict : frame.verdicts) {
          boxes
              .computeIfAbsent(verdict.label, label -> new ArrayList<>())
              .add(new AveragePrecision.Ranked(verdict.score, verdict.right));
        }
      }
    }
    if (objects.isEmpty()) {
      return Optional.empty();
    }
    double sum = 0;
    for (Map.Entry<String, Integer> label : objects.entrySet()) {
      sum += AveragePrecision.of(boxes.getOrDefault(label.getKey(), List.of()), label.getValue());
    }
    return Optional.of(new AccuracyView(sum / objects.size(), frames, judgedCameras));
  }

  /** Best score first, each box takes the free object of its class that it overlaps most. */
  private static Judged judged(Detections answer, List<LabelledBox> truth) {
    List<Detection> ranked = new ArrayList<>(answer.getDetections());
    ranked.sort((a, b) -> Float.compare(b.getScore(), a.getScore()));
    boolean[] found = new boolean[truth.size()];
    List<Verdict> verdicts = new ArrayList<>(ranked.size());
    for (Detection box : ranked) {
      int object = bestFree(box, truth, found);
      if (object >= 0) {
        found[object] = true;
      }
      verdicts.add(new Verdict(box.getLabel(), box.getScore(), object >= 0));
    }
    Map<String, Integer> objects = new HashMap<>();
    for (LabelledBox object : truth) {
      objects.merge(object.getLabel(), 1, Integer::sum);
    }
    return new Judged(answer.getCaptureTimeMicros(), verdicts, objects);
  }

  private static int bestFree(Detection box, List<LabelledBox> truth, boolean[] found) {
    int best = -1;
    double bestIou = SAME_OBJECT_IOU;
    for (int i = 0; i < truth.size(); i++) {
      LabelledBox object = truth.get(i);
      if (!found[i] && object.getLabel().equals(box.getLabel())) {
        double iou = iou(box, object);
        if (iou >= bestIou) {
          best = i;
          bestIou = iou;
        }
      }
    }
    return best;
  }

  private static double iou(Detection a, LabelledBox b) {
    double width = Math.min(a.getX2(), b.getX2()) - Math.max(a.getX1(), b.getX1());
    double height = Math.min(a.getY2(), b.getY2()) - Math.max(a.getY1(), b.getY1());
    if (!(width > 0) || !(height > 0)) {
      return 0;
    }
    double both = width * height;
    double areaA = ((double) a.getX2() - a.getX1()) * ((double) a.getY2() - a.getY1());
    double areaB = ((double) b.getX2() - b.getX1()) * ((double) b.getY2() - b.getY1());
    return both / (areaA + areaB - both);
  }
}
