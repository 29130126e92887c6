package dev.fovea.trainer.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.fovea.detector.geometry.AnchorGenerator;
import dev.fovea.trainer.settings.LossSettings;

/**
 * RetinaNet's loss: class loss over all anchors that are not ignored (or those the class loss
 * chooses) plus box loss over the foreground, both divided by the number of foreground anchors of
 * the batch (Lin et al. 2017, §4.1), at least 1.
 */
public final class DetectionLoss {
  private final ClassLoss classLoss;
  private final BoxLoss box;
  private final double boxWeight;

  public DetectionLoss(ClassLoss classLoss, BoxLoss box, double boxWeight) {
    this.classLoss = classLoss;
    this.box = box;
    this.boxWeight = boxWeight;
  }

  /**
   * As set.
   *
   * @param anchors of the outputs
   * @param classes K
   */
  public static DetectionLoss of(LossSettings settings, AnchorGenerator anchors, int classes) {
    BoxLoss box =
        switch (settings.box()) {
          case SMOOTH_L1 -> new BoxLoss.SmoothL1(settings.beta());
          case L1 -> new BoxLoss.L1();
          case GIOU -> new BoxLoss.GeneralizedIou();
        };
    return new DetectionLoss(classLoss(settings, anchors, classes), box, settings.boxWeight());
  }

  private static ClassLoss classLoss(LossSettings settings, AnchorGenerator anchors, int classes) {
    LossSettings.Ohem ohem = settings.ohem();
    return switch (settings.classes()) {
      case FOCAL -> new FocalLoss(settings.alpha(), settings.gamma());
      case CROSS_ENTROPY -> FocalLoss.crossEntropy();
      case BALANCED_CROSS_ENTROPY -> FocalLoss.balancedCrossEntropy(settings.alpha());
      case QUALITY_FOCAL -> new QualityFocalLoss(settings.gamma());
      case OHEM ->
          new HardExampleMining(
              anchors, classes, ohem.examples(), ohem.nmsIou(), ohem.backgroundPerForeground());
    };
  }

  /**
   * A batch's loss.
   *
   * @param classes scalar
   * @param boxes scalar, before its weight
   * @param total scalar, what is minimised
   */
  public record Value(NDArray classes, NDArray boxes, NDArray total) {}

  /**
   * Computes the loss; all on the outputs' manager.
   *
   * @param outputs cls_p3 (N, A·K, H, W), box_p3 (N, A·4, H, W), …, box_p7
   */
  public Value of(NDList outputs, Targets targets) {
    NDArray logits = rows(outputs, 0); // (N, L)
    NDArray deltas = rows(outputs, 1); // (N, ΣH·W·A·4)
    NDArray normaliser = Constant.of(Math.max(1, targets.foreground()), logits);
    if (targets.foreground() == 0) {
      NDArray none = deltas.sum().mul(Constant.of(0, deltas)); // its gradient is 0, not absent
      return value(classLoss.sum(logits, targets).div(normaliser), none);
    }
    NDArray predicted = foreground(deltas, targets);
    Targets learned =
        classLoss.learnsQuality() ? targets.graded(targets.iou(predicted.toFloatArray())) : targets;
    return value(
        classLoss.sum(logits, learned).div(normaliser),
        boxes(predicted, targets).sum().div(normaliser));
  }

  private Value value(NDArray classes, NDArray boxes) {
    NDArray weight = Constant.of(boxWeight, boxes);
    return new Value(classes, boxes, classes.add(boxes.mul(weight)));
  }

  /** What the foreground anchors say: (N, ΣH·W·A·4) -> (P, 4). */
  private static NDArray foreground(NDArray deltas, Targets targets) {
    Shape flat = new Shape(4L * targets.foreground());
    NDArray index = deltas.getManager().create(targets.boxIndex(), flat);
    return deltas
        .flatten()
        .take(index.toType(DataType.INT64, false))
        .reshape(targets.foreground(), 4);
  }

  private NDArray boxes(NDArray predicted, Targets targets) {
    NDManager manager = predicted.getManager();
    Shape shape = new Shape(targets.foreground(), 4);
    return box.perAnchor(
        predicted,
        manager.create(targets.deltas(), shape),
        manager.create(targets.anchors(), shape),
        manager.create(targets.boxes(), shape));
  }

  /** Every second output from {@code first}, flattened a picture: (N, C, H, W) … -> (N, ΣC·H·W). */
  private static NDArray rows(NDList outputs, int first) {
    NDList rows = new NDList();
    for (int i = first; i < outputs.size(); i += 2) {
      NDArray output = outputs.get(i);
      rows.add(output.reshape(output.getShape().get(0), -1));
    }
    NDArray head = rows.remove(0);
    return head.getNDArrayInternal().concat(rows, 1);
  }
}
