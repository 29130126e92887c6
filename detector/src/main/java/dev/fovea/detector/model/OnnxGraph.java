package dev.fovea.detector.model;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.fovea.detector.geometry.AnchorGenerator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * A checked {@code model.onnx}: it has the input and the outputs that its manifest speaks of, holds
 * all of its data itself, and uses the standard operators only. Immutable.
 */
public final class OnnxGraph {
  /** The graph's only input, (N, 3, H, W). */
  public static final String INPUT = "images";

  /** Name given to the batch's dimension by {@link #withAnyBatch()}. */
  private static final String BATCH = "N";

  /** Operators whose shape operand holds the batch size, with that operand's place. */
  private static final Map<String, Integer> SHAPE_OPERANDS = Map.of("Resize", 3, "Reshape", 1);

  private final ModelProto model;

  private OnnxGraph(ModelProto model) {
    this.model = model;
  }

  /** The outputs' names in order: class logits and box deltas of each level, finest first. */
  public static List<String> outputNames() {
    List<String> names = new ArrayList<>();
    for (int level = 0; level < AnchorGenerator.STRIDES.size(); level++) {
      names.add("cls_p" + (level + 3));
      names.add("box_p" + (level + 3));
    }
    return names;
  }

  /**
   * Parses and checks a model against its manifest.
   *
   * @throws IllegalArgumentException naming the rule that is broken
   */
  static OnnxGraph parse(byte[] onnx, ModelManifest manifest) {
    ModelProto model;
    try {
      model = ModelProto.parseFrom(onnx);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("is not an ONNX model: " + e.getMessage(), e);
    }
    require(model.hasGraph(), "is not an ONNX model: it has no graph");
    require(model.getFunctionsCount() == 0, "must not define functions");
    requireSelfContained(model.getGraph());
    requireInput(model.getGraph(), manifest);
    requireOutputs(model.getGraph(), manifest);
    return new OnnxGraph(model);
  }

  private static void requireSelfContained(GraphProto graph) {
    graph.getInitializerList().forEach(OnnxGraph::requireSelfContained);
    graph
        .getSparseInitializerList()
        .forEach(
            sparse -> {
              requireSelfContained(sparse.getValues());
              requireSelfContained(sparse.getIndices());
            });
    for (NodeProto node : graph.getNodeList()) {
      require(
          node.getDomain().isEmpty() || node.getDomain().equals("ai.onnx"),
          () ->
              "has an operator outside the standard: %s.%s"
                  .formatted(node.getDomain(), node.getOpType()));
      for (AttributeProto attribute : node.getAttributeList()) {
        requireSelfContained(attribute.getT());
        attribute.getTensorsList().forEach(OnnxGraph::requireSelfContained);
        requireSelfContained(attribute.getSparseTensor().getValues());
        requireSelfContained(attribute.getSparseTensor().getIndices());
        if (attribute.hasG()) {
          requireSelfContained(attribute.getG());
        }
        attribute.getGraphsList().forEach(OnnxGraph::requireSelfContained);
      }
    }
  }

  private static void requireSelfContained(TensorProto tensor) {
    require(
        tensor.getExternalDataCount() == 0
            && tensor.getDataLocation() != TensorProto.DataLocation.EXTERNAL,
        () ->
            "keeps the data of tensor %s in another file, which is not allowed"
                .formatted(tensor.getName()));
  }

  private static void requireInput(GraphProto graph, ModelManifest manifest) {
    List<String> initializers =
        graph.getInitializerList().stream().map(TensorProto::getName).toList();
    List<ValueInfoProto> inputs =
        graph.getInputList().stream()
            .filter(input -> !initializers.contains(input.getName()))
            .toList();
    require(
        inputs.size() == 1 && inputs.get(0).getName().equals(INPUT),
        () -> "must have the one input %s, not %s".formatted(INPUT, names(inputs)));
    requireFloats("input", inputs.get(0), 1, 3, manifest.inputHeightPx(), manifest.inputWidthPx());
  }

  private static void requireOutputs(GraphProto graph, ModelManifest manifest) {
    require(
        names(graph.getOutputList()).equals(outputNames()),
        () ->
            "must have the outputs %s, not %s"
                .formatted(outputNames(), names(graph.getOutputList())));
    AnchorGenerator anchors = manifest.anchorGenerator();
    int logits = anchors.perLocation() * manifest.classes().size();
    int deltas = anchors.perLocation() * 4;
    for (int level = 0; level < anchors.levels(); level++) {
      int height = anchors.height(level);
      int width = anchors.width(level);
      requireFloats("output", graph.getOutput(2 * level), 1, logits, height, width);
      requireFloats("output", graph.getOutput(2 * level + 1), 1, deltas, height, width);
    }
  }

  private static List<String> names(List<ValueInfoProto> values) {
    return values.stream().map(ValueInfoProto::getName).toList();
  }

  private static void requireFloats(String kind, ValueInfoProto value, long... shape) {
    int type = value.getType().getTensorType().getElemType();
    require(
        type == TensorProto.DataType.FLOAT.getNumber(),
        () ->
            "%s %s must be of floats, not of ONNX type %s".formatted(kind, value.getName(), type));
    TensorShapeProto found = value.getType().getTensorType().getShape();
    long[] dimensions =
        found.getDimList().stream().mapToLong(TensorShapeProto.Dimension::getDimValue).toArray();
    require(
        Arrays.equals(dimensions, shape),
        () ->
            "%s %s must be %s by the manifest, not %s"
                .formatted(
                    kind,
                    value.getName(),
                    Arrays.toString(shape),
                    found.getDimList().stream()
                        .map(
                            d ->
                                d.hasDimParam() ? d.getDimParam() : String.valueOf(d.getDimValue()))
                        .collect(Collectors.joining(", ", "[", "]"))));
  }

  private static void require(boolean holds, String rule) {
    require(holds, () -> rule);
  }

  private static void require(boolean holds, Supplier<String> rule) {
    if (!holds) {
      throw new IllegalArgumentException(rule.get());
    }
  }

  /** Whether the batch size is only in the input and outputs, so that it can be left open. */
  public boolean canHaveAnyBatch() {
    return model.getGraph().getNodeList().stream().noneMatch(node -> !shapeOperand(node).isEmpty());
  }

  /** The model for batches of any size; only if {@link #canHaveAnyBatch()}. */
  public byte[] withAnyBatch() {
    if (!canHaveAnyBatch()) {
      throw new IllegalStateException("the batch size is fixed inside the graph");
    }
    return rebatched(first -> first.toBuilder().clearValue().setDimParam(BATCH).build())
        .build()
        .toByteArray();
  }

  /** The model for batches of exactly this size. */
  public byte[] withBatch(int size) {
    ModelProto.Builder rebatched =
        rebatched(first -> first.toBuilder().clearValue().setDimValue(size).build());
    GraphProto.Builder graph = rebatched.getGraphBuilder();
    List<String> shapes =
        graph.getNodeList().stream()
            .map(OnnxGraph::shapeOperand)
            .filter(s -> !s.isEmpty())
            .toList();
    for (TensorProto.Builder initializer : graph.getInitializerBuilderList()) {
      if (shapes.contains(initializer.getName())) {
        setFirst(initializer, size);
      }
    }
    return rebatched.build().toByteArray();
  }

  /** With another first dimension of input and outputs; inner shapes are left to inference. */
  private ModelProto.Builder rebatched(UnaryOperator<TensorShapeProto.Dimension> first) {
    ModelProto.Builder rebatched = model.toBuilder();
    GraphProto.Builder graph = rebatched.getGraphBuilder();
    graph.clearValueInfo();
    List<ValueInfoProto.Builder> values = new ArrayList<>(graph.getOutputBuilderList());
    graph.getInputBuilderList().stream()
        .filter(input -> input.getName().equals(INPUT))
        .forEach(values::add);
    for (ValueInfoProto.Builder value : values) {
      TensorShapeProto.Builder shape =
          value.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder();
      shape.setDim(0, first.apply(shape.getDim(0)));
    }
    return rebatched;
  }

  /** Name of the operand by which a node fixes the size of its whole output; empty if none. */
  private static String shapeOperand(NodeProto node) {
    Integer place = SHAPE_OPERANDS.get(node.getOpType());
    return place == null || node.getInputCount() <= place ? "" : node.getInput(place);
  }

  private static void setFirst(TensorProto.Builder shape, long size) {
    if (shape.getInt64DataCount() > 0) {
      shape.setInt64Data(0, size);
    } else if (shape.hasRawData()) {
      byte[] raw = shape.getRawData().toByteArray();
      ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN).putLong(0, size);
      shape.setRawData(ByteString.copyFrom(raw));
    }
  }
}
