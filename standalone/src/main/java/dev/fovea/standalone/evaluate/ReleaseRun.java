package dev.fovea.standalone.evaluate;

import dev.fovea.detector.engine.LoadedModel;
import dev.fovea.detector.model.DecodingSettings;
import dev.fovea.detector.model.Detected;
import dev.fovea.detector.model.FrameDetections;
import dev.fovea.trainer.data.CocoDataset;
import dev.fovea.trainer.data.DatasetException;
import dev.fovea.trainer.data.LabelledPicture;
import dev.fovea.trainer.evaluate.ScoredBox;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/** Detects in the pictures of a data set by the path that serves: the release's own classes. */
public final class ReleaseRun {
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
    List<Integer> labels =
        model.manifest().classes().stream().map(data.classes()::indexOf).toList();
    if (labels.contains(-1)) {
      throw new DatasetException(
          data.annotationFile(),
          "its classes are "
              + data.classes()
              + ", the model's are "
              + model.manifest().classes()
              + ": the model's must be among them");
    }
    return labels;
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
      boxes.add(
          new ScoredBox(
              picture.id(),
              labels.get(d.classIndex()),
              d.x1(),
              d.y1(),
              d.x2() - d.x1(),
              d.y2() - d.y1(),
              d.score()));
    }
  }
}
