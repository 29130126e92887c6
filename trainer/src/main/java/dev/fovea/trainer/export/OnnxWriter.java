package dev.fovea.trainer.export;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.ByteString;
import dev.fovea.trainer.model.NetworkGraph;
import dev.fovea.trainer.model.NetworkGraph.Node;
import dev.fovea.trainer.model.NetworkGraph.Value;
import dev.fovea.trainer.model.Operator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a {@link NetworkGraph} as ONNX: opset 13, IR 7, static shapes, one picture. Batch
 * normalisation disappears into the convolution before it; group normalisation, which the opset
 * does not have, becomes instance normalisation of the groups.
 */
final class OnnxWriter {
  private static final int OPSET = 13;
  private static final int IR_VERSION = 7;
  private static final long BATCH = 1;

  private final NetworkGraph graph;
  private final Map<String, float[]> parameters;
  private final OnnxMl.GraphProto.Builder proto =
      OnnxMl.GraphProto.newBuilder().setName("retinanet");
  private final Map<String, float[]> written = new LinkedHashMap<>();
  private final Map<Integer, Operator.BatchNorm> foldedInto = new HashMap<>();
  private final Map<Integer, String> names = new HashMap<>();

  private OnnxWriter(NetworkGraph graph, Map<String, float[]> parameters) {
    this.graph = graph;
    this.parameters = parameters;
  }

  /**
   * Writes the graph.
   *
   * @param parameters by the graph's names
   */
  static OnnxMl.ModelProto write(
      NetworkGraph graph, Map<String, float[]> parameters, String producer) {
    return new OnnxWriter(graph, parameters).model(producer);
  }

  private OnnxMl.ModelProto model(String producer) {
    findFolded();
    nameValues();
    proto.addInput(describe("images", graph.input()));
    graph.nodes().forEach(this::node);
    graph.outputs().forEach((name, value) -> proto.addOutput(describe(name, value)));
    return OnnxMl.ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName(producer)
        .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
        .setGraph(proto)
        .build();
  }

  /** Every batch normalisation follows convolutions that nothing else uses. */
  private void findFolded() {
    Map<Integer, Integer> uses = new HashMap<>();
    Map<Integer, Operator> makers = new HashMap<>();
    for (Node node : graph.nodes()) {
      node.inputs().forEach(v -> uses.merge(v.index(), 1, Integer::sum));
      node.outputs().forEach(v -> makers.put(v.index(), node.operator()));
      if (node.operator() instanceof Operator.BatchNorm norm) {
        for (Value input : node.inputs()) {
          foldedInto.put(input.index(), norm);
        }
      }
    }
    for (int index : foldedInto.keySet()) {
      if (!(makers.get(index) instanceof Operator.Convolution)
          || !Integer.valueOf(1).equals(uses.get(index))) {
        throw new IllegalStateException(
            foldedInto.get(index) + " does not follow a convolution of its own");
      }
    }
  }

  private void nameValues() {
    names.put(graph.input().index(), "images");
    for (Node node : graph.nodes()) {
      for (Value value : node.outputs()) {
        names.put(value.index(), value.name());
      }
    }
    graph.outputs().forEach((name, value) -> names.put(value.index(), name));
    // A folded normalisation's output is its convolution's, under the later name.
    for (Node node : graph.nodes()) {
      if (node.operator() instanceof Operator.BatchNorm) {
        for (int i = 0; i < node.inputs().size(); i++) {
          names.put(node.inputs().get(i).index(), name(node.outputs().get(i)));
        }
      }
    }
  }

  private String name(Value value) {
    String name = names.get(value.index());
    if (name == null) {
      throw new IllegalStateException("unnamed " + value);
    }
    return name;
  }

  private void node(Node node) {
    Operator operator = node.operator();
    Value out = node.outputs().get(0);
    if (operator instanceof Operator.Convolution c) {
      convolution(c, node.inputs().get(0), out);
    } else if (operator instanceof Operator.GroupNorm n) {
      groupNorm(n, node.inputs().get(0), out);
    } else if (operator instanceof Operator.Relu) {
      add("Relu", node, out);
    } else if (operator instanceof Operator.Add) {
      add("Add", node, out);
    } else if (operator instanceof Operator.MaxPool p) {
      add("MaxPool", node, out)
          .addAttribute(ints("kernel_shape", p.kernel(), p.kernel()))
          .addAttribute(ints("strides", p.stride(), p.stride()))
          .addAttribute(ints("pads", p.padding(), p.padding(), p.padding(), p.padding()));
    } else if (operator instanceof Operator.Upsample) {
      upsample(node.inputs().get(0), out);
    } else if (!(operator instanceof Operator.BatchNorm)) {
      throw new IllegalStateException("no ONNX for " + operator);
    }
  }

  private OnnxMl.NodeProto.Builder add(String type, Node node, Value out) {
    OnnxMl.NodeProto.Builder builder = proto.addNodeBuilder().setOpType(type);
    node.inputs().forEach(v -> builder.addInput(name(v)));
    return builder.addOutput(name(out)).setName(type + "_" + name(out));
  }

  private void convolution(Operator.Convolution c, Value in, Value out) {
    float[] weight = parameter(c.name() + ".weight");
    float[] bias = c.bias() ? parameter(c.name() + ".bias") : new float[c.filters()];
    Operator.BatchNorm norm = foldedInto.get(out.index());
    if (norm != null) {
      weight = weight.clone();
      bias = bias.clone();
      fold(norm, weight, bias);
    }
    initializer(c.name() + ".weight", weight, c.filters(), c.channels(), c.kernel(), c.kernel());
    initializer(c.name() + ".bias", bias, c.filters());
    proto
        .addNodeBuilder()
        .setOpType("Conv")
        .setName("Conv_" + name(out))
        .addInput(name(in))
        .addInput(c.name() + ".weight")
        .addInput(c.name() + ".bias")
        .addOutput(name(out))
        .addAttribute(ints("kernel_shape", c.kernel(), c.kernel()))
        .addAttribute(ints("strides", c.stride(), c.stride()))
        .addAttribute(ints("pads", c.padding(), c.padding(), c.padding(), c.padding()))
        .addAttribute(ints("dilations", 1, 1))
        .addAttribute(integer("group", 1));
  }

  /** γ·(W·x + b − μ) / √(σ² + ε) + β as one convolution, computed in double. */
  private void fold(Operator.BatchNorm norm, float[] weight, float[] bias) {
    float[] gamma = parameter(norm.name() + ".gamma");
    float[] beta = parameter(norm.name() + ".beta");
    float[] mean = parameter(norm.name() + ".mean");
    float[] variance = parameter(norm.name() + ".variance");
    int perFilter = weight.length / bias.length;
    for (int filter = 0; filter < bias.length; filter++) {
      double factor =
          gamma[filter] / Math.sqrt((double) variance[filter] + Operator.BatchNorm.EPSILON);
      for (int i = 0; i < perFilter; i++) {
        weight[filter * perFilter + i] = (float) (weight[filter * perFilter + i] * factor);
      }
      bias[filter] = (float) ((bias[filter] - (double) mean[filter]) * factor + beta[filter]);
    }
  }

  private void groupNorm(Operator.GroupNorm n, Value in, Value out) {
    String prefix = name(out) + ".";
    float[] ones = new float[n.groups()];
    Arrays.fill(ones, 1);
    initializer("groups" + n.groups() + ".one", ones, n.groups());
    initializer("groups" + n.groups() + ".zero", new float[n.groups()], n.groups());
    initializer(n.name() + ".gamma", parameter(n.name() + ".gamma"), n.channels(), 1, 1);
    initializer(n.name() + ".beta", parameter(n.name() + ".beta"), n.channels(), 1, 1);
    shape(prefix + "grouped", BATCH, n.groups(), -1);
    shape(prefix + "whole", BATCH, out.channels(), out.height(), out.width());
    simple("Reshape", prefix + "a", name(in), prefix + "grouped");
    OnnxMl.AttributeProto epsilon =
        OnnxMl.AttributeProto.newBuilder()
            .setName("epsilon")
            .setType(OnnxMl.AttributeProto.AttributeType.FLOAT)
            .setF(Operator.GroupNorm.EPSILON)
            .build();
    String groups = "groups" + n.groups();
    simple("InstanceNormalization", prefix + "b", prefix + "a", groups + ".one", groups + ".zero")
        .addAttribute(epsilon);
    simple("Reshape", prefix + "c", prefix + "b", prefix + "whole");
    simple("Mul", prefix + "d", prefix + "c", n.name() + ".gamma");
    simple("Add", name(out), prefix + "d", n.name() + ".beta");
  }

  private void upsample(Value in, Value out) {
    String scales = "upsample.scales";
    initializer(scales, new float[] {1, 1, 2, 2}, 4);
    simple("Resize", name(out), name(in), "", scales)
        .addAttribute(text("mode", "nearest"))
        .addAttribute(text("coordinate_transformation_mode", "asymmetric"))
        .addAttribute(text("nearest_mode", "floor"));
  }

  private OnnxMl.NodeProto.Builder simple(String type, String output, String... inputs) {
    return proto
        .addNodeBuilder()
        .setOpType(type)
        .setName(type + "_" + output)
        .addAllInput(List.of(inputs))
        .addOutput(output);
  }

  private float[] parameter(String name) {
    float[] values = parameters.get(name);
    if (values == null) {
      throw new IllegalArgumentException("no parameter " + name);
    }
    return values;
  }

  /** Adds a tensor once; the heads' are the same on every level. */
  private void initializer(String name, float[] values, long... shape) {
    float[] before = written.putIfAbsent(name, values);
    if (before != null) {
      if (!Arrays.equals(before, values)) {
        throw new IllegalStateException("shared tensor " + name + " differs between its uses");
      }
      return;
    }
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    OnnxMl.TensorProto.Builder tensor =
        proto
            .addInitializerBuilder()
            .setName(name)
            .setDataType(OnnxMl.TensorProto.DataType.FLOAT.getNumber())
            .setRawData(ByteString.copyFrom(bytes.array()));
    Arrays.stream(shape).forEach(tensor::addDims);
  }

  private void shape(String name, long... dimensions) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * dimensions.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(dimensions);
    proto
        .addInitializerBuilder()
        .setName(name)
        .setDataType(OnnxMl.TensorProto.DataType.INT64.getNumber())
        .setRawData(ByteString.copyFrom(bytes.array()))
        .addDims(dimensions.length);
  }

  private static OnnxMl.ValueInfoProto describe(String name, Value value) {
    OnnxMl.TensorShapeProto.Builder shape = OnnxMl.TensorShapeProto.newBuilder();
    for (long side : new long[] {BATCH, value.channels(), value.height(), value.width()}) {
      shape.addDimBuilder().setDimValue(side);
    }
    return OnnxMl.ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            OnnxMl.TypeProto.newBuilder()
                .setTensorType(
                    OnnxMl.TypeProto.Tensor.newBuilder()
                        .setElemType(OnnxMl.TensorProto.DataType.FLOAT.getNumber())
                        .setShape(shape)))
        .build();
  }

  private static OnnxMl.AttributeProto ints(String name, long... values) {
    OnnxMl.AttributeProto.Builder builder =
        OnnxMl.AttributeProto.newBuilder()
            .setName(name)
            .setType(OnnxMl.AttributeProto.AttributeType.INTS);
    Arrays.stream(values).forEach(builder::addInts);
    return builder.build();
  }

  private static OnnxMl.AttributeProto integer(String name, long value) {
    return OnnxMl.AttributeProto.newBuilder()
        .setName(name)
        .setType(OnnxMl.AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  private static OnnxMl.AttributeProto text(String name, String value) {
    return OnnxMl.AttributeProto.newBuilder()
        .setName(name)
        .setType(OnnxMl.AttributeProto.AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }
}
