package dev.fovea.trainer.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A feed-forward network over one picture size: nodes in an order in which each finds its inputs
 * computed, and the parameters they name. Immutable; {@link Builder} makes it.
 */
public final class NetworkGraph {
  private final Value input;
  private final List<Node> nodes;
  private final Map<String, ParameterSpec> parameters;
  private final Map<String, Value> outputs;

  private NetworkGraph(Builder builder) {
    this.input = builder.input;
    this.nodes = List.copyOf(builder.nodes);
    this.parameters = Collections.unmodifiableMap(new LinkedHashMap<>(builder.parameters));
    this.outputs = Collections.unmodifiableMap(new LinkedHashMap<>(builder.outputs));
  }

  /**
   * A tensor that flows: (N, channels, height, width).
   *
   * @param index unique in the graph, dense from 0
   */
  public record Value(int index, String name, int channels, int height, int width) {}

  /** One operation. */
  public record Node(Operator operator, List<Value> inputs, List<Value> outputs) {
    public Node {
      inputs = List.copyOf(inputs);
      outputs = List.copyOf(outputs);
    }
  }

  /** How a parameter starts. */
  public enum Start {
    /** Normal, variance 2 / (filters · kernel²) (He et al. 2015): residual network. */
    HE_FAN_OUT,
    /** Uniform, variance 1 / fan-in (LeCun): pyramid. */
    FAN_IN,
    /** Normal, deviation 0.01 (Lin et al. 2017, §4.1): heads. */
    SMALL,
    ZERO,
    ONE,
    /** −log((1 − π) / π) (Lin et al. 2017, §4.1): the class head's last bias. */
    PRIOR
  }

  /**
   * A parameter.
   *
   * @param learned false for running statistics, and for what is frozen
   * @param decayed whether weight decay acts on it
   */
  public record ParameterSpec(
      String name, List<Integer> shape, Start start, boolean learned, boolean decayed) {
    public ParameterSpec {
      shape = List.copyOf(shape);
    }

    /** Number of values. */
    public int size() {
      return shape.stream().reduce(1, Math::multiplyExact);
    }
  }

  /** The picture. */
  public Value input() {
    return input;
  }

  /** Operations, inputs before users. */
  public List<Node> nodes() {
    return nodes;
  }

  /** Parameters by name, in the order of first use. */
  public Map<String, ParameterSpec> parameters() {
    return parameters;
  }

  /** Output name to the value that is it, in the order declared. */
  public Map<String, Value> outputs() {
    return outputs;
  }

  /** Number of values, the input included. */
  public int valueCount() {
    return 1 + nodes.stream().mapToInt(n -> n.outputs().size()).sum();
  }

  /** Learned parameters' values. */
  public long learnedSize() {
    return parameters.values().stream()
        .filter(ParameterSpec::learned)
        .mapToLong(ParameterSpec::size)
        .sum();
  }

  /** Multiply-accumulates of all convolutions for one picture. */
  public long multiplyAccumulates() {
    long sum = 0;
    for (Node node : nodes) {
      if (node.operator() instanceof Operator.Convolution c) {
        Value out = node.outputs().get(0);
        sum +=
            (long) out.height()
                * out.width()
                * c.filters()
                * c.channels()
                * c.kernel()
                * c.kernel();
      }
    }
    return sum;
  }

  /** Builds a graph node by node. */
  public static final class Builder {
    private final Value input;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, ParameterSpec> parameters = new LinkedHashMap<>();
    private final Map<String, Value> outputs = new LinkedHashMap<>();
    private int values = 1;
    private boolean frozen;
    private boolean frozenStatistics;

    /** Starts with a picture of 3 channels. */
    public Builder(int widthPx, int heightPx) {
      this.input = new Value(0, "images", 3, heightPx, widthPx);
    }

    /** The picture. */
    public Value input() {
      return input;
    }

    /**
     * What is added from now on keeps its parameters, its running statistics, or both, as they are.
     */
    void freeze(boolean parametersToo, boolean statistics) {
      frozen = parametersToo;
      frozenStatistics = statistics;
    }

    /** Convolution without bias, padded so that stride 1 keeps the size. */
    public Value convolution(
        String name, Value x, int filters, int kernel, int stride, Start start) {
      return convolution(name, x, filters, kernel, stride, start, false, Start.ZERO);
    }

    /** Convolution with bias, padded so that stride 1 keeps the size. */
    public Value convolutionWithBias(
        String name, Value x, int filters, int kernel, int stride, Start start, Start biasStart) {
      return convolution(name, x, filters, kernel, stride, start, true, biasStart);
    }

    private Value convolution(
        String name,
        Value x,
        int filters,
        int kernel,
        int stride,
        Start start,
        boolean bias,
        Start biasStart) {
      int padding = kernel / 2;
      declare(name + ".weight", List.of(filters, x.channels(), kernel, kernel), start, true, true);
      if (bias) {
        declare(name + ".bias", List.of(filters), biasStart, true, false);
      }
      return node(
          new Operator.Convolution(name, x.channels(), filters, kernel, stride, padding, bias),
          List.of(x),
          filters,
          (x.height() + 2 * padding - kernel) / stride + 1,
          (x.width() + 2 * padding - kernel) / stride + 1);
    }

    /** Ordinary batch normalisation. */
    public Value batchNorm(String name, Value x) {
      return batchNorm(name, List.of(x)).get(0);
    }

    /** Batch normalisation over several values together. */
    public List<Value> batchNorm(String name, List<Value> xs) {
      int channels = xs.get(0).channels();
      declare(name + ".gamma", List.of(channels), Start.ONE, true, false);
      declare(name + ".beta", List.of(channels), Start.ZERO, true, false);
      declare(name + ".mean", List.of(channels), Start.ZERO, false, false);
      declare(name + ".variance", List.of(channels), Start.ONE, false, false);
      List<Value> outs = new ArrayList<>();
      for (Value x : xs) {
        outs.add(value(channels, x.height(), x.width()));
      }
      nodes.add(new Node(new Operator.BatchNorm(name, channels, frozenStatistics), xs, outs));
      return outs;
    }

    /** Group normalisation with the most groups that divide the channels, 32 at most. */
    public Value groupNorm(String name, Value x) {
      int groups = Math.min(32, x.channels() / 2);
      while (x.channels() % groups != 0) {
        groups--;
      }
      declare(name + ".gamma", List.of(x.channels()), Start.ONE, true, false);
      declare(name + ".beta", List.of(x.channels()), Start.ZERO, true, false);
      return node(
          new Operator.GroupNorm(name, x.channels(), groups),
          List.of(x),
          x.channels(),
          x.height(),
          x.width());
    }

    /** max(x, 0). */
    public Value relu(Value x) {
      return node(new Operator.Relu(), List.of(x), x.channels(), x.height(), x.width());
    }

    /** Sum. */
    public Value add(Value a, Value b) {
      if (a.channels() != b.channels() || a.height() != b.height() || a.width() != b.width()) {
        throw new IllegalArgumentException("cannot add " + a + " and " + b);
      }
      return node(new Operator.Add(), List.of(a, b), a.channels(), a.height(), a.width());
    }

    /** Max pooling. */
    public Value maxPool(Value x, int kernel, int stride, int padding) {
      return node(
          new Operator.MaxPool(kernel, stride, padding),
          List.of(x),
          x.channels(),
          (x.height() + 2 * padding - kernel) / stride + 1,
          (x.width() + 2 * padding - kernel) / stride + 1);
    }

    /** Nearest-neighbour upsampling by 2. */
    public Value upsample(Value x) {
      return node(new Operator.Upsample(), List.of(x), x.channels(), 2 * x.height(), 2 * x.width());
    }

    /** Declares a value an output. */
    public void output(String name, Value x) {
      outputs.put(name, x);
    }

    /** The graph. */
    public NetworkGraph build() {
      return new NetworkGraph(this);
    }

    private Value node(Operator operator, List<Value> inputs, int channels, int height, int width) {
      Value out = value(channels, height, width);
      nodes.add(new Node(operator, inputs, List.of(out)));
      return out;
    }

    private Value value(int channels, int height, int width) {
      int index = values++;
      return new Value(index, "v" + index, channels, height, width);
    }

    private void declare(
        String name, List<Integer> shape, Start start, boolean learned, boolean decayed) {
      ParameterSpec spec = new ParameterSpec(name, shape, start, learned && !frozen, decayed);
      ParameterSpec before = parameters.putIfAbsent(name, spec);
      if (before != null && !before.equals(spec)) {
        throw new IllegalArgumentException("shared parameter differs: " + before + ", " + spec);
      }
    }
  }
}
