package dev.fovea.trainer.model;

import ai.djl.ndarray.NDArray;
import dev.fovea.trainer.model.NetworkGraph.Node;
import dev.fovea.trainer.model.NetworkGraph.Value;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Gives a network its batch normalisation back that was folded into the convolutions.
 *
 * <p>Folding leaves γ·(x − μ) / √(σ² + ε) + β as W·x + b. With statistics of 0 and 1 and b for β
 * the network computes the same; but training would then measure other statistics, and change what
 * it computes from one step to the next. So the inputs of each normalisation are measured over some
 * pictures, and γ and β set to undo what is measured.
 */
public final class Unfolding {
  private final Map<String, Moments> moments = new LinkedHashMap<>();

  /** Sums over the values of a normalisation's input, by channel. */
  private static final class Moments {
    private final double[] sums;
    private final double[] squares;
    private long count;

    Moments(int channels) {
      this.sums = new double[channels];
      this.squares = new double[channels];
    }

    /** x: (N, C, H, W). */
    void add(NDArray x) {
      int[] population = {0, 2, 3};
      add(x.sum(population).toFloatArray(), sums);
      add(x.square().sum(population).toFloatArray(), squares);
      count += x.size() / sums.length;
    }

    private static void add(float[] values, double[] to) {
      for (int i = 0; i < to.length; i++) {
        to[i] += values[i];
      }
    }

    float mean(int channel) {
      return (float) (sums[channel] / count);
    }

    float variance(int channel) {
      double mean = sums[channel] / count;
      return (float) Math.max(0, squares[channel] / count - mean * mean);
    }
  }

  /**
   * Parameters with which the network computes what the folded one does, as long as statistics are
   * not measured.
   *
   * @param folded weights and biases of convolutions by name; those it lacks stay out
   */
  public static Map<String, float[]> identity(NetworkGraph graph, Map<String, float[]> folded) {
    Map<String, float[]> values = new HashMap<>(folded);
    Map<Integer, Operator> makers = new HashMap<>();
    for (Node node : graph.nodes()) {
      if (node.operator() instanceof Operator.BatchNorm norm
          && makers.get(node.inputs().get(0).index()) instanceof Operator.Convolution c) {
        float[] bias = folded.get(c.name() + ".bias");
        if (bias != null && bias.length == norm.channels()) {
          values.put(norm.name() + ".beta", bias);
          values.put(norm.name() + ".gamma", filled(norm.channels(), 1));
          values.put(norm.name() + ".mean", filled(norm.channels(), 0));
          values.put(
              norm.name() + ".variance", filled(norm.channels(), 1 - Operator.BatchNorm.EPSILON));
        }
      }
      for (Value out : node.outputs()) {
        makers.put(out.index(), node.operator());
      }
    }
    return values;
  }

  private static float[] filled(int size, float value) {
    float[] values = new float[size];
    Arrays.fill(values, value);
    return values;
  }

  /** Takes what a normalisation was given, one array a level. */
  void observe(Operator.BatchNorm norm, List<NDArray> inputs) {
    Moments seen = moments.computeIfAbsent(norm.name(), name -> new Moments(norm.channels()));
    inputs.forEach(seen::add);
  }

  /**
   * Sets statistics to what was measured, and scale and shift so that the network goes on computing
   * what it did.
   */
  public void apply(GraphBlock block) {
    moments.forEach(
        (name, seen) -> {
          float[] gamma = block.array(name + ".gamma").toFloatArray();
          float[] beta = block.array(name + ".beta").toFloatArray();
          float[] mean = block.array(name + ".mean").toFloatArray();
          float[] variance = block.array(name + ".variance").toFloatArray();
          for (int c = 0; c < gamma.length; c++) {
            double scale = gamma[c] / Math.sqrt((double) variance[c] + Operator.BatchNorm.EPSILON);
            double shift = beta[c] - mean[c] * scale;
            mean[c] = seen.mean(c);
            variance[c] = seen.variance(c);
            gamma[c] =
                (float) (scale * Math.sqrt((double) variance[c] + Operator.BatchNorm.EPSILON));
            beta[c] = (float) (shift + mean[c] * scale);
          }
          block.array(name + ".gamma").set(gamma);
          block.array(name + ".beta").set(beta);
          block.array(name + ".mean").set(mean);
          block.array(name + ".variance").set(variance);
        });
  }
}
