package dev.fovea.trainer.fit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.fovea.trainer.model.GraphBlock;
import dev.fovea.trainer.model.NetworkGraph.ParameterSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * AdamW (Loshchilov and Hutter 2019) with its moments in reach, so that checkpoints can keep them
 * (DJL's own optimizer hides them), and clipping by the global norm (DJL's clips element by
 * element). The arithmetic is PyTorch's, through DJL.
 */
final class AdamW {
  private static final float BETA1 = 0.9f;
  private static final float BETA2 = 0.999f;
  private static final float EPSILON = 1e-8f;

  /** Below 0: DJL takes 0 for a clip of every positive gradient to 0. */
  private static final float NO_ELEMENT_CLIPPING = -1;

  private final List<Slot> slots = new ArrayList<>();
  private final float weightDecay;
  private final double largestNorm;

  private record Slot(ParameterSpec spec, NDArray weight, NDArray mean, NDArray variance) {}

  /**
   * @param moments means {@code mean/NAME} and variances {@code variance/NAME} to go on from, or
   *     null to start
   */
  AdamW(
      GraphBlock block,
      NDManager manager,
      double weightDecay,
      double largestNorm,
      @Nullable Map<String, float[]> moments) {
    this.weightDecay = (float) weightDecay;
    this.largestNorm = largestNorm;
    for (ParameterSpec spec : block.graph().parameters().values()) {
      if (spec.learned()) {
        NDArray weight = block.array(spec.name());
        weight.setRequiresGradient(true);
        slots.add(
            new Slot(
                spec,
                weight,
                moment("mean/" + spec.name(), weight.getShape(), manager, moments),
                moment("variance/" + spec.name(), weight.getShape(), manager, moments)));
      }
    }
  }

  private static NDArray moment(
      String name, Shape shape, NDManager manager, @Nullable Map<String, float[]> moments) {
    if (moments == null) {
      return manager.zeros(shape);
    }
    float[] values = moments.get(name);
    if (values == null || values.length != shape.size()) {
      throw new IllegalArgumentException("the checkpoint lacks the optimizer's " + name);
    }
    return manager.create(values, shape);
  }

  /**
   * Moves the parameters and sets their gradients to 0.
   *
   * @param step counted from 0
   * @return the gradients' global norm before clipping
   */
  double update(int step, double learningRate) {
    double norm = Math.sqrt(squaredNorm());
    if (!Double.isFinite(norm)) {
      return norm;
    }
    float shrink = (float) Math.min(1, largestNorm / Math.max(norm, 1e-12));
    double t = step + 1.0;
    double correction = Math.sqrt(1 - Math.pow(BETA2, t)) / (1 - Math.pow(BETA1, t));
    for (Slot slot : slots) {
      try (NDArray gradient = slot.weight.getGradient()) {
        slot.weight
            .getNDArrayInternal()
            .adamUpdate(
                new NDList(slot.weight, gradient, slot.mean, slot.variance),
                new NDList(slot.weight),
                (float) learningRate,
                (float) (learningRate * correction),
                slot.spec.decayed() ? weightDecay : 0,
                shrink,
                NO_ELEMENT_CLIPPING,
                BETA1,
                BETA2,
                EPSILON,
                false,
                true);
      }
    }
    return norm;
  }

  private double squaredNorm() {
    double sum = 0;
    for (Slot slot : slots) {
      try (NDArray gradient = slot.weight.getGradient();
          NDArray square = gradient.square();
          NDArray total = square.sum()) {
        sum += total.getFloat();
      }
    }
    return sum;
  }

  /** A copy of the moments, for a checkpoint. */
  Map<String, float[]> moments() {
    Map<String, float[]> moments = new LinkedHashMap<>();
    for (Slot slot : slots) {
      moments.put("mean/" + slot.spec.name(), slot.mean.toFloatArray());
      moments.put("variance/" + slot.spec.name(), slot.variance.toFloatArray());
    }
    return moments;
  }
}
