package dev.fovea.trainer.fit;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import dev.fovea.detector.geometry.AnchorGenerator;
import dev.fovea.trainer.TrainSettings;
import dev.fovea.trainer.data.Batch;
import dev.fovea.trainer.loss.DetectionLoss;
import dev.fovea.trainer.model.GraphBlock;
import dev.fovea.trainer.model.RetinaNet;
import dev.fovea.trainer.settings.InputSettings;
import java.util.Map;

/**
 * What training does with a batch: forward, loss, backward, update of the weights and of their
 * average. Runs on the calling thread; the arrays belong to the manager given.
 */
public final class TrainingStep {
  private final InputSettings input;
  private final NDManager manager;
  private final GraphBlock block;
  private final DetectionLoss loss;
  private final AdamW optimizer;
  private final WeightAverage averaging;
  private final ParameterStore parameters;

  /**
   * What a step came to.
   *
   * @param classes per foreground anchor
   * @param boxes per foreground anchor, before its weight
   * @param gradientNorm before clipping
   */
  public record Outcome(double classes, double boxes, double gradientNorm) {
    boolean isFinite() {
      return Double.isFinite(classes + boxes) && Double.isFinite(gradientNorm);
    }
  }

  TrainingStep(
      InputSettings input,
      NDManager manager,
      GraphBlock block,
      DetectionLoss loss,
      AdamW optimizer,
      WeightAverage averaging) {
    this.input = input;
    this.manager = manager;
    this.block = block;
    this.loss = loss;
    this.optimizer = optimizer;
    this.averaging = averaging;
    this.parameters = new ParameterStore(manager, false);
  }

  /**
   * The step of a new run, without the rest of the run; for measurements.
   *
   * @param weights by name, as {@link GraphBlock#values()} gives them
   */
  public static TrainingStep of(
      TrainSettings settings, int classes, Map<String, float[]> weights, NDManager manager) {
    GraphBlock block = new GraphBlock(RetinaNet.graph(settings, classes), manager, weights);
    var adam = settings.optimizer();
    AnchorGenerator anchors =
        AnchorGenerator.of(
            settings.anchors().shapes(), settings.input().widthPx(), settings.input().heightPx());
    return new TrainingStep(
        settings.input(),
        manager,
        block,
        DetectionLoss.of(settings.loss(), anchors, classes),
        new AdamW(block, manager, adam.weightDecay(), adam.gradientNorm(), null),
        new WeightAverage(
            block, new GraphBlock(block.graph(), manager, weights), adam.averageDecay()));
  }

  /**
   * Does the step. Where the outcome is no number, the weights are as before.
   *
   * @param step counted from 0
   */
  public Outcome run(Batch batch, int step, double learningRate) {
    double classes;
    double boxes;
    try (NDManager stepManager = manager.newSubManager();
        GradientCollector gradients = Engine.getEngine("PyTorch").newGradientCollector()) {
      NDArray images =
          stepManager.create(
              batch.images(), new Shape(batch.pictures(), 3, input.heightPx(), input.widthPx()));
      NDList outputs = block.forward(parameters, new NDList(images), true);
      DetectionLoss.Value value = loss.of(outputs, batch.targets());
      gradients.backward(value.total());
      classes = value.classes().getFloat();
      boxes = value.boxes().getFloat();
    }
    Outcome outcome = new Outcome(classes, boxes, optimizer.update(step, learningRate));
    if (outcome.isFinite()) {
      averaging.update(step);
    }
    return outcome;
  }
}
