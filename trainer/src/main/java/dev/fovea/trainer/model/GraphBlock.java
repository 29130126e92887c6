package dev.fovea.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Parameter;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.fovea.trainer.model.NetworkGraph.Node;
import dev.fovea.trainer.model.NetworkGraph.ParameterSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A {@link NetworkGraph} as a DJL block: (N, 3, H, W) in, the graph's outputs in their order out. H
 * and W may be any multiples of 32, not only the graph's: the parameters are the same. They live on
 * the manager given; what {@code forward} makes lives on its input's.
 */
public final class GraphBlock extends AbstractBlock {
  private static final int INTERPOLATE_NEAREST = 0;

  private final NetworkGraph graph;
  private final Map<String, Parameter> byName = new LinkedHashMap<>();

  /**
   * A block whose parameters are drawn from a seed.
   *
   * @param given values that a parameter of that name and size starts with instead
   */
  public static GraphBlock drawn(
      NetworkGraph graph, NDManager manager, long seed, double prior, Map<String, float[]> given) {
    ParameterStarts starts = new ParameterStarts(seed, prior);
    Map<String, float[]> values = new HashMap<>();
    for (ParameterSpec spec : graph.parameters().values()) {
      float[] known = given.get(spec.name());
      boolean fits = known != null && known.length == spec.size();
      values.put(spec.name(), known != null && fits ? known : starts.draw(spec));
    }
    return new GraphBlock(graph, manager, values);
  }

  /**
   * A block with the parameters given.
   *
   * @throws IllegalArgumentException naming the parameter that is missing or of another size
   */
  public GraphBlock(NetworkGraph graph, NDManager manager, Map<String, float[]> values) {
    this.graph = graph;
    for (ParameterSpec spec : graph.parameters().values()) {
      float[] start = values.get(spec.name());
      if (start == null || start.length != spec.size()) {
        throw new IllegalArgumentException(
            "parameter "
                + spec.name()
                + " must have "
                + spec.size()
                + " values, not "
                + (start == null ? 0 : start.length));
      }
      Parameter parameter =
          Parameter.builder()
              .setName(spec.name())
              .setType(Parameter.Type.OTHER)
              .optRequiresGrad(spec.learned())
              .build();
      parameter.setArray(manager.create(start, shape(spec)));
      byName.put(spec.name(), addParameter(parameter));
    }
  }

  private static Shape shape(ParameterSpec spec) {
    return new Shape(spec.shape().stream().mapToLong(Integer::longValue).toArray());
  }

  /** The graph. */
  public NetworkGraph graph() {
    return graph;
  }

  /** A parameter's tensor. */
  public NDArray array(String name) {
    Parameter parameter = byName.get(name);
    if (parameter == null) {
      throw new IllegalArgumentException("no parameter " + name);
    }
    return parameter.getArray();
  }

  /** A copy of every parameter's values. */
  public Map<String, float[]> values() {
    Map<String, float[]> values = new LinkedHashMap<>();
    byName.forEach((name, parameter) -> values.put(name, parameter.getArray().toFloatArray()));
    return values;
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store,
      NDList inputs,
      boolean training,
      @Nullable PairList<String, Object> arguments) {
    NDArray[] computed = compute(store, inputs.singletonOrThrow(), training);
    NDList outputs = new NDList();
    graph.outputs().values().forEach(value -> outputs.add(computed[value.index()]));
    return outputs;
  }

  /** Tells what each normalisation is given when the network sees {@code images} as it serves. */
  public void observe(ParameterStore store, NDArray images, Unfolding observer) {
    NDArray[] computed = compute(store, images, false);
    for (Node node : graph.nodes()) {
      if (node.operator() instanceof Operator.BatchNorm norm) {
        observer.observe(norm, node.inputs().stream().map(v -> computed[v.index()]).toList());
      }
    }
  }

  private NDArray[] compute(ParameterStore store, NDArray images, boolean training) {
    NDArray[] computed = new NDArray[graph.valueCount()];
    computed[graph.input().index()] = images;
    Evaluation evaluation = new Evaluation(store, computed, training);
    graph.nodes().forEach(evaluation::run);
    return computed;
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    long batch = inputShapes[0].get(0);
    return graph.outputs().values().stream()
        .map(v -> new Shape(batch, v.channels(), v.height(), v.width()))
        .toArray(Shape[]::new);
  }

  /** One forward pass. */
  private final class Evaluation {
    private final ParameterStore store;
    private final NDArray[] computed;
    private final boolean training;

    Evaluation(ParameterStore store, NDArray[] computed, boolean training) {
      this.store = store;
      this.computed = computed;
      this.training = training;
    }

    void run(Node node) {
      if (node.operator() instanceof Operator.BatchNorm norm) {
        batchNorm(norm, node);
        return;
      }
      NDArray x = computed[node.inputs().get(0).index()];
      computed[node.outputs().get(0).index()] = evaluate(node, x);
    }

    private NDArray evaluate(Node node, NDArray x) {
      if (node.operator() instanceof Operator.Convolution c) {
        return convolution(c, x);
      }
      if (node.operator() instanceof Operator.Relu) {
        return Activation.relu(x);
      }
      if (node.operator() instanceof Operator.Add) {
        return x.add(computed[node.inputs().get(1).index()]);
      }
      if (node.operator() instanceof Operator.GroupNorm n) {
        return groupNorm(n, x);
      }
      if (node.operator() instanceof Operator.MaxPool p) {
        return Pool.maxPool2d(
            x, square(p.kernel()), square(p.stride()), square(p.padding()), false);
      }
      if (node.operator() instanceof Operator.Upsample) {
        return upsample(x);
      }
      throw new IllegalStateException("no evaluation of " + node.operator());
    }

    private NDArray convolution(Operator.Convolution c, NDArray x) {
      NDArray weight = value(x, c.name() + ".weight");
      NDArray bias = c.bias() ? value(x, c.name() + ".bias") : null;
      return Conv2d.conv2d(x, weight, bias, square(c.stride()), square(c.padding()), square(1), 1)
          .singletonOrThrow();
    }

    private NDArray upsample(NDArray x) {
      long[] twice = {2 * x.getShape().get(2), 2 * x.getShape().get(3)};
      return x.getNDArrayInternal().interpolation(twice, INTERPOLATE_NEAREST, false);
    }

    private void batchNorm(Operator.BatchNorm norm, Node node) {
      if (node.inputs().size() == 1 || !training || norm.frozen()) {
        for (int i = 0; i < node.inputs().size(); i++) {
          NDArray x = computed[node.inputs().get(i).index()];
          computed[node.outputs().get(i).index()] = normalise(norm, x);
        }
        return;
      }
      // Levels side by side along one axis: (N, C, H, W) each -> (N, C, ΣH·W).
      List<NDArray> flat = new ArrayList<>();
      long[] splits = new long[node.inputs().size() - 1];
      long at = 0;
      for (int i = 0; i < node.inputs().size(); i++) {
        NDArray x = computed[node.inputs().get(i).index()];
        Shape shape = x.getShape();
        long positions = shape.get(2) * shape.get(3);
        flat.add(x.reshape(shape.get(0), shape.get(1), positions));
        at += positions;
        if (i < splits.length) {
          splits[i] = at;
        }
      }
      NDArray joined =
          flat.get(0).getNDArrayInternal().concat(new NDList(flat.subList(1, flat.size())), 2);
      NDList parts = normalise(norm, joined).split(splits, 2);
      for (int i = 0; i < parts.size(); i++) {
        Shape shape = computed[node.inputs().get(i).index()].getShape();
        computed[node.outputs().get(i).index()] = parts.get(i).reshape(shape);
      }
    }

    private NDArray normalise(Operator.BatchNorm norm, NDArray x) {
      return BatchNorm.batchNorm(
              x,
              value(x, norm.name() + ".mean"),
              value(x, norm.name() + ".variance"),
              value(x, norm.name() + ".gamma"),
              value(x, norm.name() + ".beta"),
              -1, // the channels' own axis, 1, without DJL's transposition
              Operator.BatchNorm.MOMENTUM,
              Operator.BatchNorm.EPSILON,
              training && !norm.frozen()) // PyTorch moves the statistics of one in training
          .singletonOrThrow();
    }

    private NDArray groupNorm(Operator.GroupNorm norm, NDArray x) {
      Shape shape = x.getShape();
      NDArray grouped = x.reshape(shape.get(0), norm.groups(), -1); // (N, G, C/G·H·W)
      int[] population = {2};
      NDArray centred = grouped.sub(grouped.mean(population, true));
      NDArray variance = centred.square().mean(population, true); // (N, G, 1)
      NDArray normalised =
          centred.div(variance.add(Operator.GroupNorm.EPSILON).sqrt()).reshape(shape);
      NDArray gamma = value(x, norm.name() + ".gamma").reshape(1, norm.channels(), 1, 1);
      NDArray beta = value(x, norm.name() + ".beta").reshape(1, norm.channels(), 1, 1);
      gamma.attach(x.getManager());
      beta.attach(x.getManager());
      return normalised.mul(gamma).add(beta);
    }

    private NDArray value(NDArray x, String name) {
      return store.getValue(byName.get(name), x.getDevice(), training);
    }
  }

  private static Shape square(int side) {
    return new Shape(side, side);
  }
}
