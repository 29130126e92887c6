package dev.fovea.trainer.quantize;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.fovea.detector.model.OnnxGraph;
import dev.fovea.trainer.export.OnnxTensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rewrites a graph for 8-bit arithmetic (Jacob et al. 2018, Quantization and Training of Neural
 * Networks for Efficient Integer-Arithmetic-Only Inference, §2): unsigned activations with one
 * scale a tensor, signed weights with one scale a filter, 32-bit biases. The stem, from the picture
 * to the maximum over its first maps, stays as it is: over three channels integer kernels are
 * slower than floats.
 */
final class QuantizedGraph {
  /** Operators whose outputs become 8-bit. */
  private static final Set<String> QUANTIZED = Set.of("Conv", "Relu", "Add", "MaxPool", "Resize");

  /** Operators that only move values: their outputs keep their input's scale. */
  private static final Set<String> MOVING = Set.of("MaxPool", "Resize");

  /** Below this logit no score matters: .0025. The scale is for what is above. */
  private static final float LOWEST_LOGIT = -6;

  private final ModelProto model;
  private final Map<String, Range> ranges;
  private final int largestWeight;
  private final Map<String, TensorProto> initializers = new HashMap<>();
  private final Map<String, List<NodeProto>> users = new HashMap<>();
  private final Set<String> outputs = new HashSet<>();
  private final Map<String, String> replaced = new HashMap<>();
  private final Set<String> writtenWeights = new HashSet<>();
  private final GraphProto.Builder graph = GraphProto.newBuilder();

  private QuantizedGraph(ModelProto model, Map<String, Range> ranges, int weightBits) {
    this.model = model;
    this.ranges = new HashMap<>(ranges);
    this.largestWeight = (1 << (weightBits - 1)) - 1;
  }

  /**
   * Rewrites a model.
   *
   * @param ranges of every tensor
   * @param weightBits 8, or 7 for CPUs whose 16-bit sums saturate (AVX2 without VNNI)
   */
  static ModelProto of(ModelProto model, Map<String, Range> ranges, int weightBits) {
    return new QuantizedGraph(model, ranges, weightBits).write();
  }

  private ModelProto write() {
    GraphProto source = model.getGraph();
    source.getInitializerList().forEach(t -> initializers.put(t.getName(), t));
    source.getOutputList().forEach(o -> outputs.add(o.getName()));
    for (NodeProto node : source.getNodeList()) {
      node.getInputList()
          .forEach(in -> users.computeIfAbsent(in, k -> new ArrayList<>()).add(node));
    }
    graph
        .setName(source.getName())
        .addAllInput(source.getInputList())
        .addAllOutput(source.getOutputList());
    List<NodeProto> stem = stem();
    if (stem.isEmpty()) {
      quantize(OnnxGraph.INPUT, OnnxGraph.INPUT);
    } else {
      floats(stem.get(0), stem.get(1), stem.get(2));
    }
    source.getNodeList().stream().filter(node -> !stem.contains(node)).forEach(this::node);
    source.getInitializerList().stream()
        .filter(t -> !writtenWeights.contains(t.getName()))
        .forEach(graph::addInitializer);
    return model.toBuilder().setGraph(graph).build();
  }

  private void node(NodeProto node) {
    NodeProto.Builder copy = node.toBuilder().clearInput();
    boolean convolution = node.getOpType().equals("Conv");
    for (int i = 0; i < node.getInputCount(); i++) {
      String input = node.getInput(i);
      copy.addInput(
          convolution && i == 1
              ? weights(input)
              : convolution && i == 2 ? bias(node) : replaced.getOrDefault(input, input));
    }
    String output = node.getOutput(0);
    if (MOVING.contains(node.getOpType())) {
      ranges.put(output, range(node.getInput(0)));
    }
    if (!isQuantized(node)) {
      graph.addNode(copy);
      return;
    }
    String raw = output + ".float";
    graph.addNode(copy.setOutput(0, raw));
    quantize(raw, output);
  }

  /** The convolution that takes the picture, its Relu and the maximum, where a graph begins so. */
  private List<NodeProto> stem() {
    List<NodeProto> stem = new ArrayList<>();
    String tensor = OnnxGraph.INPUT;
    for (String type : List.of("Conv", "Relu", "MaxPool")) {
      List<NodeProto> takers = users.getOrDefault(tensor, List.of());
      if (takers.size() != 1 || !takers.get(0).getOpType().equals(type)) {
        return List.of();
      }
      stem.add(takers.get(0));
      tensor = takers.get(0).getOutput(0);
    }
    return stem;
  }

  /**
   * The stem in floats. The maximum is taken before what is below 0 is cut off, which is the same:
   * else ONNX Runtime would take the change to 8 bits before the maximum, of which it has no fast
   * integer kernel there.
   */
  private void floats(NodeProto convolution, NodeProto relu, NodeProto maximum) {
    String pooled = maximum.getOutput(0) + ".pooled";
    String raw = maximum.getOutput(0) + ".float";
    graph.addNode(convolution);
    graph.addNode(maximum.toBuilder().setInput(0, convolution.getOutput(0)).setOutput(0, pooled));
    graph.addNode(relu.toBuilder().setInput(0, pooled).setOutput(0, raw));
    quantize(raw, maximum.getOutput(0));
  }

  /** What only a Relu takes is left to it: the two become one kernel. */
  private boolean isQuantized(NodeProto node) {
    String output = node.getOutput(0);
    List<NodeProto> takers = users.getOrDefault(output, List.of());
    boolean onlyRelu = takers.size() == 1 && takers.get(0).getOpType().equals("Relu");
    return QUANTIZED.contains(node.getOpType()) && !(onlyRelu && !outputs.contains(output));
  }

  /** To 8 bits and back; an output of the graph keeps its name. */
  private void quantize(String from, String tensor) {
    Range range = range(tensor);
    String scale = tensor + ".scale";
    String zero = tensor + ".zero";
    addScale(scale, range.scale());
    addTensor(zero, TensorProto.DataType.UINT8, new byte[] {(byte) range.zeroPoint()});
    String back = outputs.contains(tensor) ? tensor : tensor + ".dequantized";
    add("QuantizeLinear", tensor + ".quantized", from, scale, zero);
    add("DequantizeLinear", back, tensor + ".quantized", scale, zero);
    replaced.put(tensor, back);
  }

  private Range range(String tensor) {
    Range range = ranges.get(tensor);
    if (range == null) {
      throw new IllegalStateException("no values were measured for tensor " + tensor);
    }
    return tensor.startsWith("cls_") ? range.from(LOWEST_LOGIT) : range;
  }

  /** One filter after another, the largest weight of each at the end of its scale. */
  private String weights(String name) {
    TensorProto tensor = initializer(name);
    String back = name + ".dequantized";
    if (!writtenWeights.add(name)) {
      return back;
    }
    float[] values = OnnxTensors.floats(tensor);
    float[] scales = filterScales(name);
    int perFilter = values.length / scales.length;
    byte[] levels = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      int level = Math.round(values[i] / scales[i / perFilter]);
      levels[i] = (byte) Math.max(-largestWeight, Math.min(largestWeight, level));
    }
    addTensor(name + ".quantized", TensorProto.DataType.INT8, levels, tensor.getDimsList());
    List<Long> filters = List.of((long) scales.length);
    addTensor(name + ".scale", TensorProto.DataType.FLOAT, bytes(scales), filters);
    addTensor(name + ".zero", TensorProto.DataType.INT8, new byte[scales.length], filters);
    add("DequantizeLinear", back, name + ".quantized", name + ".scale", name + ".zero")
        .addAttribute(axis0());
    return back;
  }

  private float[] filterScales(String name) {
    TensorProto tensor = initializer(name);
    float[] values = OnnxTensors.floats(tensor);
    float[] scales = new float[Math.toIntExact(tensor.getDims(0))];
    int perFilter = values.length / scales.length;
    for (int i = 0; i < values.length; i++) {
      scales[i / perFilter] = Math.max(scales[i / perFilter], Math.abs(values[i]));
    }
    for (int filter = 0; filter < scales.length; filter++) {
      float step = scales[filter] / largestWeight;
      scales[filter] = step > Float.MIN_NORMAL ? step : 1f / largestWeight;
    }
    return scales;
  }

  /** On the scale of the products: the input's times the filter's; so each convolution's own. */
  private String bias(NodeProto convolution) {
    String name = convolution.getInput(2);
    float[] values = OnnxTensors.floats(initializer(name));
    float[] scales = filterScales(convolution.getInput(1));
    float input = range(convolution.getInput(0)).scale();
    ByteBuffer levels =
        ByteBuffer.allocate(Integer.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int filter = 0; filter < values.length; filter++) {
      scales[filter] *= input;
      levels.putInt(Math.round(values[filter] / scales[filter]));
    }
    writtenWeights.add(name);
    String own = convolution.getOutput(0) + ".bias";
    List<Long> filters = List.of((long) values.length);
    addTensor(own + ".quantized", TensorProto.DataType.INT32, levels.array(), filters);
    addTensor(own + ".scale", TensorProto.DataType.FLOAT, bytes(scales), filters);
    add("DequantizeLinear", own, own + ".quantized", own + ".scale").addAttribute(axis0());
    return own;
  }

  private TensorProto initializer(String name) {
    TensorProto tensor = initializers.get(name);
    if (tensor == null || tensor.getDataType() != TensorProto.DataType.FLOAT.getNumber()) {
      throw new IllegalArgumentException(
          "a convolution's weights must be floats in the file; " + name + " are not");
    }
    return tensor;
  }

  private static byte[] bytes(float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }

  private void addScale(String name, float value) {
    addTensor(name, TensorProto.DataType.FLOAT, bytes(new float[] {value}));
  }

  private void addTensor(String name, TensorProto.DataType type, byte[] raw) {
    addTensor(name, type, raw, List.of());
  }

  private void addTensor(String name, TensorProto.DataType type, byte[] raw, List<Long> shape) {
    graph
        .addInitializerBuilder()
        .setName(name)
        .setDataType(type.getNumber())
        .setRawData(ByteString.copyFrom(raw))
        .addAllDims(shape);
  }

  private NodeProto.Builder add(String type, String output, String... inputs) {
    return graph
        .addNodeBuilder()
        .setOpType(type)
        .setName(type + "_" + output)
        .addAllInput(List.of(inputs))
        .addOutput(output);
  }

  private static AttributeProto axis0() {
    return AttributeProto.newBuilder()
        .setName("axis")
        .setType(AttributeProto.AttributeType.INT)
        .setI(0)
        .build();
  }
}
