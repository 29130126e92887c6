package dev.fovea.trainer.evaluate;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.fovea.detector.geometry.AnchorGenerator;
import dev.fovea.trainer.TrainSettings;
import dev.fovea.trainer.data.CocoDataset;
import dev.fovea.trainer.data.InputFit;
import dev.fovea.trainer.data.LabelledPicture;
import dev.fovea.trainer.data.Normaliser;
import dev.fovea.trainer.data.PictureStore;
import dev.fovea.trainer.loss.AnchorMatcher;
import dev.fovea.trainer.loss.TargetAssigner;
import dev.fovea.trainer.loss.Targets;
import dev.fovea.trainer.model.GraphBlock;
import dev.fovea.trainer.model.RetinaNet;
import java.util.List;
import java.util.Map;

/**
 * The probability that a network gives to the right answer, p_t, at every class output that is
 * learned from: apart for the outputs that should say yes and those that should say no.
 */
public final class AnchorProbabilities {
  private final float[] foreground;
  private final float[] background;

  private AnchorProbabilities(float[] foreground, float[] background) {
    this.foreground = foreground;
    this.background = background;
  }

  /** p_t of the outputs of a foreground anchor's class; shared, not to be changed. */
  public float[] foreground() {
    return foreground;
  }

  /** p_t of all other outputs; shared, not to be changed. */
  public float[] background() {
    return background;
  }

  /**
   * Runs a network over a data set.
   *
   * @param weights by name, as a checkpoint has them
   */
  public static AnchorProbabilities of(
      TrainSettings settings, Map<String, float[]> weights, CocoDataset data) {
    int classes = data.classes().size();
    AnchorGenerator anchors =
        AnchorGenerator.of(
            settings.anchors().shapes(), settings.input().widthPx(), settings.input().heightPx());
    TargetAssigner assigner =
        new TargetAssigner(anchors, AnchorMatcher.of(settings.matching(), anchors), classes);
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        PictureStore store = new PictureStore(settings.input(), settings.augmentation(), 0)) {
      GraphBlock block = new GraphBlock(RetinaNet.graph(settings, classes), manager, weights);
      RawGraph graph = new RawGraph(block, settings.input(), manager);
      Normaliser normaliser = new Normaliser(settings.input());
      Collector collector = new Collector();
      float[] image = new float[3 * settings.input().widthPx() * settings.input().heightPx()];
      for (LabelledPicture picture : data.pictures()) {
        normaliser.write(store.get(picture), image, 0);
        Targets targets =
            assigner.assign(List.of(InputFit.of(picture, settings.input()).truth(picture)));
        try (NDManager step = manager.newSubManager()) {
          collector.add(graph.forward(step, image, 1), targets);
        }
      }
      return new AnchorProbabilities(
          collector.foreground.toArray(), collector.background.toArray());
    }
  }

  private static final class Collector {
    final FloatList foreground = new FloatList();
    final FloatList background = new FloatList();

    /** Class outputs are every second; one after another they are a picture's class row. */
    void add(NDList outputs, Targets targets) {
      int at = 0;
      for (int i = 0; i < outputs.size(); i += 2) {
        for (float logit : outputs.get(i).toFloatArray()) {
          if (targets.classWeight()[at] > 0) {
            boolean yes = targets.classTarget()[at] > 0;
            (yes ? foreground : background).add((float) (1 / (1 + Math.exp(yes ? -logit : logit))));
          }
          at++;
        }
      }
    }
  }

  /** Grows by half. */
  private static final class FloatList {
    private float[] values = new float[1024];
    private int size;

    void add(float value) {
      if (size == values.length) {
        values = java.util.Arrays.copyOf(values, size + size / 2);
      }
      values[size++] = value;
    }

    float[] toArray() {
      return java.util.Arrays.copyOf(values, size);
    }
  }
}
