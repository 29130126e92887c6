package dev.fovea.trainer.evaluate;

import dev.fovea.detector.engine.LoadedModel;
import dev.fovea.detector.model.DecodingSettings;
import dev.fovea.detector.model.Detected;
import dev.fovea.detector.model.FrameDetections;
import dev.fovea.trainer.data.CocoDataset;
import dev.fovea.trainer.data.DatasetException;
import dev.fovea.trainer.data.LabelledPicture;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/** Detects in the pictures of a data set by the path that serves: the release's own classes. */
public final class ReleaseRun {
  /** Detections above it count when AP is measured; what is served starts higher. */
  public static final float LOW_SCORE = 0.05f;

  private static final int UNKNOWN = -1;

  private final LoadedModel model;
  private final DecodingSettings decoding;

  /**
   * @param scoreThreshold detections above it count; lower than for serving, or recall is cut
   */
  public ReleaseRun(LoadedModel model, float scoreThreshold) {
    this.model = model;
    this.decoding = model.manifest().decoding().withScoreThreshold(scoreThreshold);
  }

  /**
   * Detects in every picture.
   *
   * @param progress told the number of pictures done
   * @throws DatasetException if the model's classes are not among the data set's, or naming a
   *     picture that cannot be read
   */
  public List<ScoredBox> detect(CocoDataset data, LongConsumer progress) throws IOException {
    List<Integer> labels = labels(data);
    if (labels.contains(UNKNOWN)) {
      throw new DatasetException(
          data.annotationFile(),
          "its classes are "
              + data.classes()
              + ", the model's are "
              + model.manifest().classes()
              + ": the model's must be among them");
    }
    return detect(data, labels, progress);
  }

  /** The same, without the detections of classes that the data set does not have. */
  public List<ScoredBox> detectKnown(CocoDataset data, LongConsumer progress) throws IOException {
    return detect(data, labels(data), progress);
  }

  private List<ScoredBox> detect(CocoDataset data, List<Integer> labels, LongConsumer progress)
      throws IOException {
    List<ScoredBox> boxes = new ArrayList<>();
    List<LabelledPicture> pictures = data.pictures();
    for (int from = 0; from < pictures.size(); from += model.maxBatch()) {
      List<LabelledPicture> some =
          pictures.subList(from, Math.min(from + model.maxBatch(), pictures.size()));
      List<byte[]> jpegs = new ArrayList<>();
      for (LabelledPicture picture : some) {
        jpegs.add(Files.readAllBytes(picture.file()));
      }
      List<FrameDetections> answers = model.detect(jpegs, decoding);
      for (int i = 0; i < some.size(); i++) {
        add(data, some.get(i), answers.get(i), labels, boxes);
      }
      progress.accept(from + some.size());
    }
    return boxes;
  }

  private List<Integer> labels(CocoDataset data) {
    return model.manifest().classes().stream().map(data.classes()::indexOf).toList();
  }

  private static void add(
      CocoDataset data,
      LabelledPicture picture,
      FrameDetections answer,
      List<Integer> labels,
      List<ScoredBox> boxes) {
    if (answer.error().isPresent()) {
      throw new DatasetException(
          data.annotationFile(), picture.file() + " cannot be read: " + answer.error().get());
    }
    for (Detected d : answer.detections()) {
      int label = labels.get(d.classIndex());
      if (label != UNKNOWN) {
        boxes.add(
            new ScoredBox(
                picture.id(), label, d.x1(), d.y1(), d.x2() - d.x1(), d.y2() - d.y1(), d.score()));
      }
    }
  }
}
