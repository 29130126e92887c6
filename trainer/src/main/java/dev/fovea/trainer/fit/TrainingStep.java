package dev.fovea.trainer.fit;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import dev.fovea.detector.geometry.AnchorGenerator;
import dev.fovea.trainer.TrainSettings;
import dev.fovea.trainer.data.Batch;
import dev.fovea.trainer.loss.DetectionLoss;
import dev.fovea.trainer.model.GraphBlock;
import dev.fovea.trainer.model.RetinaNet;
import dev.fovea.trainer.settings.InputSize;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What training does with a batch: forward, loss, backward, update of the weights and of their
 * average. Runs on the calling thread; the arrays belong to the manager given.
 */
public final class TrainingStep implements AutoCloseable {
  private final NDManager manager;
  private final GraphBlock block;
  private final Map<InputSize, DetectionLoss> losses;
  private final Optimizer optimizer;
  private final WeightAverage averaging;
  private final ParameterStore parameters;
  private ByteBuffer imageMemory = ByteBuffer.allocateDirect(0);

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
      TrainSettings settings,
      int classes,
      NDManager manager,
      GraphBlock block,
      Optimizer optimizer,
      WeightAverage averaging) {
    this.manager = manager;
    this.block = block;
    this.losses =
        settings.input().sizes().stream()
            .collect(Collectors.toMap(size -> size, size -> loss(settings, classes, size)));
    this.optimizer = optimizer;
    this.averaging = averaging;
    this.parameters = new ParameterStore(manager, false);
  }

  private static DetectionLoss loss(TrainSettings settings, int classes, InputSize size) {
    return DetectionLoss.of(
        settings.loss(),
        AnchorGenerator.of(settings.anchors().shapes(), size.widthPx(), size.heightPx()),
        classes);
  }

  /**
   * The step of a new run from weights drawn by the seed, without the rest of the run, on a manager
   * of its own; for measurements.
   */
  public static TrainingStep drawn(TrainSettings settings, int classes) {
    Trainer.startEngine(settings.schedule().threads());
    NDManager manager = NDManager.newBaseManager("PyTorch");
    GraphBlock block =
        GraphBlock.drawn(
            RetinaNet.graph(settings, classes),
            manager,
            settings.schedule().seed(),
            settings.network().prior(),
            Map.of());
    var rule = settings.optimizer();
    return new TrainingStep(
        settings,
        classes,
        manager,
        block,
        new Optimizer(block, manager, Optimizer.rule(rule), rule.gradientNorm(), null),
        new WeightAverage(
            block, new GraphBlock(block.graph(), manager, block.values()), rule.averageDecay()));
  }

  /** A copy of the weights as they are, by name. */
  public Map<String, float[]> weights() {
    return block.values();
  }

  private DetectionLoss loss(InputSize size) {
    DetectionLoss loss = losses.get(size);
    if (loss == null) {
      throw new IllegalArgumentException("a batch of " + size + ", which is none of the settings'");
    }
    return loss;
  }

  /** Closes the manager, and so everything on it. */
  @Override
  public void close() {
    manager.close();
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
      NDArray images = images(batch, stepManager);
      NDList outputs = block.forward(parameters, new NDList(images), true);
      DetectionLoss.Value value = loss(batch.size()).of(outputs, batch.targets());
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

  /** (N, 3, H, W), in memory that the next step's have too. */
  private NDArray images(Batch batch, NDManager stepManager) {
    InputSize size = batch.size();
    Shape shape = new Shape(batch.pictures(), 3, size.heightPx(), size.widthPx());
    int bytes = Math.multiplyExact(batch.images().length, Float.BYTES);
    if (imageMemory.capacity() < bytes) {
      imageMemory = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
    imageMemory.asFloatBuffer().put(batch.images());
    return stepManager.create(imageMemory.slice(0, bytes), shape, DataType.FLOAT32);
  }
}
