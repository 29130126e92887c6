package dev.fovea.trainer.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Activation;
import dev.fovea.detector.geometry.BoxCoder;

/** Loss of a foreground anchor's predicted deltas; summed over the four, not averaged. */
public interface BoxLoss {
  /**
   * The loss of every foreground anchor.
   *
   * @param deltas (P, 4) predicted dx, dy, dw, dh
   * @param target (P, 4) encoded truth
   * @param anchors (P, 4) x1, y1, x2, y2
   * @param boxes (P, 4) truth, x1, y1, x2, y2
   * @return (P)
   */
  NDArray perAnchor(NDArray deltas, NDArray target, NDArray anchors, NDArray boxes);

  /**
   * Smooth L1 (Girshick 2015, Fast R-CNN, §2.3).
   *
   * @param beta where it turns from quadratic to linear: 0.5·d² / beta below, d − 0.5·beta above
   */
  record SmoothL1(double beta) implements BoxLoss {
    @Override
    public NDArray perAnchor(NDArray deltas, NDArray target, NDArray anchors, NDArray boxes) {
      NDArray distance = deltas.sub(target).abs(); // (P, 4)
      // min(d, β)·(d − 0.5·min(d, β)) / β is both branches in one.
      NDArray near = distance.minimum(Constant.of(beta, distance));
      NDArray half = near.mul(Constant.of(0.5, near));
      NDArray loss = near.mul(distance.sub(half)).div(Constant.of(beta, near));
      return loss.sum(new int[] {1}); // (P, 4) -> (P)
    }
  }

  /** Absolute differences, torchvision's choice for RetinaNet. */
  record L1() implements BoxLoss {
    @Override
    public NDArray perAnchor(NDArray deltas, NDArray target, NDArray anchors, NDArray boxes) {
      return deltas.sub(target).abs().sum(new int[] {1}); // (P, 4) -> (P)
    }
  }

  /** 1 − generalized IoU (Rezatofighi et al. 2019) of the decoded box with the truth. */
  record GeneralizedIou() implements BoxLoss {
    private static final float TINY = 1e-7f;

    @Override
    public NDArray perAnchor(NDArray deltas, NDArray target, NDArray anchors, NDArray boxes) {
      return ofBoxes(decode(deltas, anchors), boxes);
    }

    /**
     * The loss of box pairs.
     *
     * @param a (P, 4) x1, y1, x2, y2
     * @param b (P, 4)
     * @return (P)
     */
    static NDArray ofBoxes(NDArray a, NDArray b) {
      NDArray aLow = a.get(":, :2");
      NDArray aHigh = a.get(":, 2:");
      NDArray bLow = b.get(":, :2");
      NDArray bHigh = b.get(":, 2:"); // (P, 2) each: x, y
      NDArray shared = area(Activation.relu(aHigh.minimum(bHigh).sub(aLow.maximum(bLow))));
      NDArray union = area(aHigh.sub(aLow)).add(area(bHigh.sub(bLow))).sub(shared);
      NDArray hull = area(aHigh.maximum(bHigh).sub(aLow.minimum(bLow)));
      NDArray iou = shared.div(union.add(TINY));
      NDArray empty = hull.sub(union).div(hull.add(TINY));
      return iou.sub(empty).neg().add(1f); // (P)
    }

    private static NDArray area(NDArray sides) {
      return sides.get(":, 0").mul(sides.get(":, 1")); // (P, 2) -> (P)
    }

    private static NDArray decode(NDArray deltas, NDArray anchors) {
      NDArray low = anchors.get(":, :2");
      NDArray size = anchors.get(":, 2:").sub(low); // (P, 2)
      NDArray halfSize = size.mul(Constant.of(0.5, size));
      NDArray centre = low.add(halfSize).add(deltas.get(":, :2").mul(size));
      NDArray limit = Constant.of(BoxCoder.MAX_LOG_RATIO, deltas);
      NDArray half = deltas.get(":, 2:").minimum(limit).exp().mul(halfSize);
      return centre.sub(half).getNDArrayInternal().concat(new NDList(centre.add(half)), 1);
    }
  }
}
