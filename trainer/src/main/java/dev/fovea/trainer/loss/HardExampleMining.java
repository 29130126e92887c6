package dev.fovea.trainer.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import dev.fovea.detector.geometry.AnchorGenerator;
import dev.fovea.detector.geometry.NonMaximumSuppression;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Online hard example mining (Shrivastava et al. 2016, §4; as a baseline of focal loss: Lin et al.
 * 2017, table 1d): a picture's anchors are scored by their cross entropy, non-maximum suppression
 * leaves one of several that lie on each other, and the hardest that are left are all that counts.
 * Ignored anchors are no examples.
 *
 * <p>With a ratio (SSD's variant, Liu et al. 2016, §2.2), foreground and background are chosen
 * apart, each with its own suppression, so that no foreground anchor is lost to a harder background
 * anchor beside it. A picture without foreground gives as much background as one with one.
 *
 * <p>Not for several threads at once.
 */
public final class HardExampleMining implements ClassLoss {
  private static final FocalLoss CROSS_ENTROPY = FocalLoss.crossEntropy();

  private final int classes;
  private final int examples;
  private final int backgroundPerForeground;
  private final float[] anchors;
  private final int[] firstOutput;
  private final int[] plane;
  private final NonMaximumSuppression suppression;

  /**
   * @param generator made the anchors of the outputs
   * @param classes K
   * @param examples anchors of a picture that count, at most
   * @param nmsIou two chosen anchors overlap by at most this
   * @param backgroundPerForeground background anchors chosen for each foreground one; 0: no rule
   */
  public HardExampleMining(
      AnchorGenerator generator,
      int classes,
      int examples,
      double nmsIou,
      int backgroundPerForeground) {
    this.classes = classes;
    this.examples = examples;
    this.backgroundPerForeground = backgroundPerForeground;
    this.anchors = generator.generate();
    this.firstOutput = new int[generator.count()];
    this.plane = new int[generator.count()];
    this.suppression = new NonMaximumSuppression((float) nmsIou);
    locateOutputs(generator);
  }

  /** Where in a picture's row an anchor's outputs are: K of them, a plane apart. */
  private void locateOutputs(AnchorGenerator generator) {
    int anchor = 0;
    int levelStart = 0;
    for (int level = 0; level < generator.levels(); level++) {
      int cells = generator.height(level) * generator.width(level);
      for (int cell = 0; cell < cells; cell++) {
        for (int a = 0; a < generator.perLocation(); a++, anchor++) {
          firstOutput[anchor] = levelStart + a * classes * cells + cell;
          plane[anchor] = cells;
        }
      }
      levelStart += generator.count(level) * classes;
    }
  }

  @Override
  public NDArray sum(NDArray logits, Targets targets) {
    var manager = logits.getManager();
    NDArray target = manager.create(targets.classTarget(), logits.getShape());
    NDArray elements = CROSS_ENTROPY.elements(logits, target);
    float[] chosen = choose(elements.toType(DataType.FLOAT32, false).toFloatArray(), targets);
    return elements.mul(manager.create(chosen, logits.getShape())).sum();
  }

  /**
   * Chooses the examples.
   *
   * @param loss (N, L)
   * @return (N, L) the targets' weights, but 0 at anchors that are not chosen
   */
  float[] choose(float[] loss, Targets targets) {
    float[] chosen = new float[loss.length];
    int row = plane.length * classes;
    for (int start = 0; start < loss.length; start += row) {
      new Picture(start, loss, targets, chosen).choose();
    }
    return chosen;
  }

  /** One picture's choice. */
  private final class Picture {
    private final int start;
    private final float[] loss;
    private final Targets targets;
    private final float[] chosen;

    Picture(int start, float[] loss, Targets targets, float[] chosen) {
      this.start = start;
      this.loss = loss;
      this.targets = targets;
      this.chosen = chosen;
    }

    void choose() {
      if (backgroundPerForeground == 0) {
        choose(this::counts, examples);
        return;
      }
      int most = Math.max(1, examples / (1 + backgroundPerForeground));
      int foreground = choose(this::isForeground, most);
      choose(
          anchor -> counts(anchor) && !isForeground(anchor),
          backgroundPerForeground * Math.max(1, foreground));
    }

    /** Chooses the hardest of some anchors; says how many. */
    private int choose(IntPredicate candidate, int most) {
      int[] candidates = IntStream.range(0, plane.length).filter(candidate).toArray();
      float[] boxes = new float[4 * candidates.length];
      float[] losses = new float[candidates.length];
      for (int i = 0; i < candidates.length; i++) {
        System.arraycopy(anchors, 4 * candidates[i], boxes, 4 * i, 4);
        losses[i] = lossOf(candidates[i]);
      }
      int[] kept = new int[Math.min(most, candidates.length)];
      int count =
          suppression.suppress(
              boxes, losses, new int[candidates.length], candidates.length, most, kept);
      for (int i = 0; i < count; i++) {
        take(candidates[kept[i]]);
      }
      return count;
    }

    private boolean counts(int anchor) {
      return any(targets.classWeight(), anchor);
    }

    private boolean isForeground(int anchor) {
      return any(targets.classTarget(), anchor);
    }

    private boolean any(float[] values, int anchor) {
      for (int k = 0; k < classes; k++) {
        if (values[output(anchor, k)] > 0) {
          return true;
        }
      }
      return false;
    }

    /** An anchor's loss is the sum over its classes. */
    private float lossOf(int anchor) {
      float sum = 0;
      for (int k = 0; k < classes; k++) {
        sum += loss[output(anchor, k)] * targets.classWeight()[output(anchor, k)];
      }
      return sum;
    }

    private void take(int anchor) {
      for (int k = 0; k < classes; k++) {
        chosen[output(anchor, k)] = targets.classWeight()[output(anchor, k)];
      }
    }

    private int output(int anchor, int k) {
      return start + firstOutput[anchor] + k * plane[anchor];
    }
  }
}
