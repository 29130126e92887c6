package dev.fovea.trainer.fit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.fovea.trainer.model.GraphBlock;
import dev.fovea.trainer.model.NetworkGraph.ParameterSpec;
import dev.fovea.trainer.settings.OptimizerSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Moves a network's learned parameters by a rule in one pass over their memory, the moments in
 * reach, so that checkpoints can keep them (DJL's optimizers hide them), and clips by the global
 * norm (DJL's clip element by element).
 */
final class Optimizer {
  private static final float[] NOTHING = new float[TensorMemory.STRETCH];

  private final List<Slot> slots = new ArrayList<>();
  private final UpdateRule rule;
  private final double largestNorm;

  // A stretch of each.
  private final float[] weight = new float[TensorMemory.STRETCH];
  private final float[] gradient = new float[TensorMemory.STRETCH];
  private final float[][] moments;

  private record Slot(ParameterSpec spec, NDArray weight, List<NDArray> moments) {}

  /**
   * @param largestNorm gradients of a larger global norm are scaled down to it; 0 leaves them
   * @param moments by {@code MOMENT/PARAMETER}, to go on from, or null to start
   */
  Optimizer(
      GraphBlock block,
      NDManager manager,
      UpdateRule rule,
      double largestNorm,
      @Nullable Map<String, float[]> moments) {
    this.rule = rule;
    this.largestNorm = largestNorm;
    this.moments = new float[rule.moments().size()][TensorMemory.STRETCH];
    for (ParameterSpec spec : block.graph().parameters().values()) {
      if (spec.learned()) {
        NDArray weight = block.array(spec.name());
        weight.setRequiresGradient(true);
        List<NDArray> own =
            rule.moments().stream()
                .map(name -> moment(key(name, spec), weight.getShape(), manager, moments))
                .toList();
        slots.add(new Slot(spec, weight, own));
      }
    }
  }

  /** As set. */
  static UpdateRule rule(OptimizerSettings settings) {
    return switch (settings.kind()) {
      case ADAMW -> new AdamW(settings.weightDecay());
      case SGD -> new Sgd(settings.momentum(), settings.weightDecay());
    };
  }

  private static String key(String moment, ParameterSpec spec) {
    return moment + "/" + spec.name();
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
   * Moves the parameters.
   *
   * @param step counted from 0
   * @return the gradients' global norm before clipping
   */
  double update(int step, double learningRate) {
    double norm = Math.sqrt(squaredNorm());
    if (!Double.isFinite(norm)) {
      return norm;
    }
    double shrink = largestNorm == 0 ? 1 : Math.min(1, largestNorm / Math.max(norm, 1e-12));
    UpdateRule.Step now = new UpdateRule.Step(step, learningRate, (float) shrink);
    for (Slot slot : slots) {
      try (NDArray gradients = slot.weight.getGradient()) {
        move(slot, TensorMemory.of(gradients), now);
      }
    }
    return norm;
  }

  private void move(Slot slot, TensorMemory gradients, UpdateRule.Step now) {
    TensorMemory weights = TensorMemory.of(slot.weight);
    List<TensorMemory> kept = slot.moments.stream().map(TensorMemory::of).toList();
    for (int from = 0; from < weights.length(); from += TensorMemory.STRETCH) {
      int count = Math.min(TensorMemory.STRETCH, weights.length() - from);
      weights.read(from, weight, count);
      gradients.read(from, gradient, count);
      for (int i = 0; i < moments.length; i++) {
        kept.get(i).read(from, moments[i], count);
      }
      rule.update(weight, gradient, moments, count, slot.spec.decayed(), now);
      gradients.write(from, NOTHING, count); // or the next step's would be added to it
      weights.write(from, weight, count);
      for (int i = 0; i < moments.length; i++) {
        kept.get(i).write(from, moments[i], count);
      }
    }
  }

  private double squaredNorm() {
    double sum = 0;
    for (Slot slot : slots) {
      try (NDArray gradients = slot.weight.getGradient();
          NDArray norm = gradients.norm()) {
        sum += Math.pow(norm.getFloat(), 2);
      }
    }
    return sum;
  }

  /** A copy of the moments, for a checkpoint. */
  Map<String, float[]> moments() {
    Map<String, float[]> moments = new LinkedHashMap<>();
    for (Slot slot : slots) {
      for (int i = 0; i < slot.moments.size(); i++) {
        moments.put(key(rule.moments().get(i), slot.spec), slot.moments.get(i).toFloatArray());
      }
    }
    return moments;
  }
}
