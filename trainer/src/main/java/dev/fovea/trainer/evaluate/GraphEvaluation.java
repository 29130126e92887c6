package dev.fovea.trainer.evaluate;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.fovea.detector.geometry.AnchorGenerator;
import dev.fovea.detector.model.DecodingSettings;
import dev.fovea.detector.model.Detected;
import dev.fovea.detector.model.DetectionDecoder;
import dev.fovea.detector.model.RawPredictions;
import dev.fovea.trainer.TrainSettings;
import dev.fovea.trainer.data.CocoDataset;
import dev.fovea.trainer.data.InputFit;
import dev.fovea.trainer.data.LabelledPicture;
import dev.fovea.trainer.data.Normaliser;
import dev.fovea.trainer.data.PictureStore;
import dev.fovea.trainer.model.GraphBlock;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/** Runs the training graph over a data set and measures what the serving decoder makes of it. */
public final class GraphEvaluation {
  private final RawGraph graph;
  private final TrainSettings settings;
  private final NDManager manager;
  private final PictureStore store;
  private final Normaliser normaliser;

  public GraphEvaluation(
      GraphBlock block, TrainSettings settings, NDManager manager, PictureStore store) {
    this.graph = new RawGraph(block, settings.input(), manager);
    this.settings = settings;
    this.manager = manager;
    this.store = store;
    this.normaliser = new Normaliser(settings.input());
  }

  /**
   * Evaluates a data set.
   *
   * @param progress told the number of pictures done
   */
  public CocoMetrics evaluate(CocoDataset data, IntConsumer progress) {
    var decoding = settings.decoding();
    var input = settings.input();
    DetectionDecoder decoder =
        new DetectionDecoder(
            data.classes(),
            AnchorGenerator.of(settings.anchors().shapes(), input.widthPx(), input.heightPx()),
            new DecodingSettings(
                (float) decoding.scoreThreshold(),
                (float) decoding.nmsIou(),
                decoding.topKPerLevel(),
                decoding.maxDetections()));
    List<ScoredBox> boxes = new ArrayList<>();
    List<LabelledPicture> pictures = data.pictures();
    int batch = settings.schedule().batch();
    for (int from = 0; from < pictures.size(); from += batch) {
      List<LabelledPicture> some = pictures.subList(from, Math.min(from + batch, pictures.size()));
      detect(some, decoder, boxes);
      progress.accept(from + some.size());
    }
    return new CocoEvaluator(data).evaluate(boxes);
  }

  private void detect(
      List<LabelledPicture> pictures, DetectionDecoder decoder, List<ScoredBox> into) {
    int slot = 3 * settings.input().widthPx() * settings.input().heightPx();
    float[] images = new float[pictures.size() * slot];
    for (int i = 0; i < pictures.size(); i++) {
      normaliser.write(store.get(pictures.get(i)), images, i * slot);
    }
    try (NDManager step = manager.newSubManager()) {
      RawPredictions raw = predictions(graph.forward(step, images, pictures.size()));
      for (int i = 0; i < pictures.size(); i++) {
        LabelledPicture picture = pictures.get(i);
        var placement = InputFit.of(picture, settings.input()).placement();
        for (Detected d : decoder.decode(raw, i, placement)) {
          into.add(
              new ScoredBox(
                  picture.id(),
                  d.classIndex(),
                  d.x1(),
                  d.y1(),
                  d.x2() - d.x1(),
                  d.y2() - d.y1(),
                  d.score()));
        }
      }
    }
  }

  private static RawPredictions predictions(NDList outputs) {
    List<RawPredictions.Level> levels = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i += 2) {
      Shape shape = outputs.get(i).getShape();
      levels.add(
          new RawPredictions.Level(
              (int) shape.get(2),
              (int) shape.get(3),
              FloatBuffer.wrap(outputs.get(i).toFloatArray()),
              FloatBuffer.wrap(outputs.get(i + 1).toFloatArray())));
    }
    return new RawPredictions((int) outputs.get(0).getShape().get(0), levels);
  }
}
