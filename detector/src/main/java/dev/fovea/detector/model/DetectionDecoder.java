package dev.fovea.detector.model;

import dev.fovea.detector.geometry.AnchorGenerator;
import dev.fovea.detector.geometry.BoxCoder;
import dev.fovea.detector.geometry.Boxes;
import dev.fovea.detector.geometry.NonMaximumSuppression;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Raw predictions to detections: per level the scores above the threshold, of those the best k,
 * their boxes decoded and clipped to the frame, then class-wise non-maximum suppression over all
 * levels and the best of what is left, scaled back to the frame (Lin et al. 2017, §4.1, Inference).
 *
 * <p>Works on the (A·K, H, W) maps as they are: logits are compared with the threshold's logit, so
 * that a sigmoid is taken only of what passes. Equal scores go in the order level, row, column,
 * anchor, class. Boxes that lie beside the frame altogether, or that are no numbers, are dropped.
 * Scratch memory is kept, so an instance belongs to one thread.
 */
public final class DetectionDecoder {
  private final List<String> classes;
  private final AnchorGenerator anchors;
  private final DecodingSettings settings;
  private final boolean keepEmpty;
  private final BoxCoder coder = new BoxCoder();
  private final CandidateSelection selection;
  private final NonMaximumSuppression suppression;
  private final float[] plane;
  private final float[] anchor = new float[4];
  private final float[] delta = new float[4];
  private final float[] boxes;
  private final float[] scores;
  private final int[] labels;
  private final int[] kept;
  private int count;

  public DetectionDecoder(ModelManifest manifest) {
    this(manifest.classes(), manifest.anchorGenerator(), manifest.decoding());
  }

  public DetectionDecoder(
      List<String> classes, AnchorGenerator anchors, DecodingSettings settings) {
    this(classes, anchors, settings, false);
  }

  /**
   * @param keepEmpty keep boxes that clipping left without area, as torchvision does: for comparing
   *     with it
   */
  DetectionDecoder(
      List<String> classes, AnchorGenerator anchors, DecodingSettings settings, boolean keepEmpty) {
    this.classes = List.copyOf(classes);
    this.anchors = anchors;
    this.settings = settings;
    this.keepEmpty = keepEmpty;
    int k = Math.min(settings.topKPerLevel(), anchors.count() * classes.size());
    this.selection = new CandidateSelection(k, justBelowLogit(settings.scoreThreshold()));
    this.suppression = new NonMaximumSuppression(settings.nmsIou());
    int largestPlane = 0;
    for (int level = 0; level < anchors.levels(); level++) {
      largestPlane = Math.max(largestPlane, anchors.height(level) * anchors.width(level));
    }
    this.plane = new float[largestPlane];
    int capacity = k * anchors.levels();
    this.boxes = new float[4 * capacity];
    this.scores = new float[capacity];
    this.labels = new int[capacity];
    this.kept = new int[Math.min(capacity, settings.maxDetections())];
  }

  /**
   * Decodes one image of a batch.
   *
   * @param image its number in the batch, from 0
   * @param placement how the frame lies in the input; boxes come back in its pixels
   * @return the detections, best score first
   */
  public List<Detected> decode(RawPredictions raw, int image, ImagePlacement placement) {
    requireMatching(raw, image);
    count = 0;
    for (int level = 0; level < anchors.levels(); level++) {
      RawPredictions.Level maps = raw.levels().get(level);
      select(maps, image);
      decodeSelected(maps, level, image, placement);
    }
    int keptCount = suppression.suppress(boxes, scores, labels, count, kept.length, kept);
    return detections(keptCount, placement);
  }

  /** Offers every logit of a level's image that passes the cut. */
  private void select(RawPredictions.Level maps, int image) {
    selection.clear();
    int cells = maps.cells();
    int channels = anchors.perLocation() * classes.size();
    for (int channel = 0; channel < channels; channel++) {
      maps.logits().get((image * channels + channel) * cells, plane, 0, cells);
      float cut = selection.cut();
      for (int cell = 0; cell < cells; cell++) {
        if (plane[cell] >= cut) {
          selection.offer(plane[cell], cell * channels + channel);
          cut = selection.cut();
        }
      }
    }
  }

  private void decodeSelected(
      RawPredictions.Level maps, int level, int image, ImagePlacement placement) {
    int channels = anchors.perLocation() * classes.size();
    int selected = selection.finish();
    for (int candidate = 0; candidate < selected; candidate++) {
      float score = sigmoid(selection.logit(candidate));
      if (score <= settings.scoreThreshold()) {
        break;
      }
      int cell = selection.index(candidate) / channels;
      int channel = selection.index(candidate) % channels;
      if (decodeBox(maps, level, image, cell, channel / classes.size(), placement)) {
        scores[count] = score;
        labels[count] = channel % classes.size();
        count++;
      }
    }
  }

  /** Decodes a box to the end of the list; false if it is to be dropped. */
  private boolean decodeBox(
      RawPredictions.Level maps,
      int level,
      int image,
      int cell,
      int anchorNumber,
      ImagePlacement placement) {
    int cells = maps.cells();
    FloatBuffer deltas = maps.deltas();
    int first = (image * anchors.perLocation() + anchorNumber) * 4 * cells + cell;
    for (int i = 0; i < 4; i++) {
      delta[i] = deltas.get(first + i * cells);
    }
    anchors.write(level, cell / maps.width(), cell % maps.width(), anchorNumber, anchor, 0);
    coder.decode(delta, 0, anchor, 0, boxes, 4 * count);
    Boxes.clip(boxes, 4 * count, 0, 0, placement.placedWidthPx(), placement.placedHeightPx());
    if (keepEmpty) {
      return true;
    }
    // Also false where a delta was not a number.
    return Boxes.area(boxes, 4 * count) > 0;
  }

  private List<Detected> detections(int keptCount, ImagePlacement placement) {
    float scaleX = placement.frameScaleX();
    float scaleY = placement.frameScaleY();
    List<Detected> detections = new ArrayList<>(keptCount);
    for (int rank = 0; rank < keptCount; rank++) {
      int i = kept[rank];
      detections.add(
          new Detected(
              labels[i],
              classes.get(labels[i]),
              scores[i],
              boxes[4 * i] * scaleX,
              boxes[4 * i + 1] * scaleY,
              Math.min(boxes[4 * i + 2] * scaleX, placement.frameWidthPx()),
              Math.min(boxes[4 * i + 3] * scaleY, placement.frameHeightPx())));
    }
    return detections;
  }

  private void requireMatching(RawPredictions raw, int image) {
    if (image < 0 || image >= raw.images()) {
      throw new IndexOutOfBoundsException("image " + image + " of " + raw.images());
    }
    if (raw.levels().size() != anchors.levels()) {
      throw new IllegalArgumentException(
          "predictions of %d levels for anchors on %d"
              .formatted(raw.levels().size(), anchors.levels()));
    }
    for (int level = 0; level < anchors.levels(); level++) {
      RawPredictions.Level maps = raw.levels().get(level);
      if (maps.height() != anchors.height(level) || maps.width() != anchors.width(level)) {
        throw new IllegalArgumentException(
            "level %d has predictions of %dx%d for anchors on %dx%d"
                .formatted(
                    level,
                    maps.width(),
                    maps.height(),
                    anchors.width(level),
                    anchors.height(level)));
      }
    }
  }

  /**
   * A cut that certainly lets every logit through whose float sigmoid exceeds the threshold; what
   * it lets through in excess is sorted out by the score itself.
   */
  private static float justBelowLogit(float threshold) {
    if (threshold == 0) {
      return Float.NEGATIVE_INFINITY;
    }
    double logit = Math.log(threshold / (1.0 - threshold));
    return (float) (logit - 1e-5 * Math.max(1, Math.abs(logit)));
  }

  private static float sigmoid(float logit) {
    return (float) (1 / (1 + Math.exp(-logit)));
  }
}
