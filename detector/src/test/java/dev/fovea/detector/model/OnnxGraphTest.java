package dev.fovea.detector.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

class OnnxGraphTest {
  private static final TinyModel TINY = new TinyModel(3);

  @Test
  void aBatchIsWrittenIntoInputAndOutputsOnly() throws Exception {
    ModelProto before = TINY.onnx().build();

    GraphProto after = ModelProto.parseFrom(parse(before).withBatch(5)).getGraph();

    assertThat(firstDimensions(after.getInputList())).containsOnly(5L);
    assertThat(firstDimensions(after.getOutputList())).hasSize(10).containsOnly(5L);
    assertThat(after.getInitializerList()).isEqualTo(before.getGraph().getInitializerList());
    assertThat(after.getNodeList()).isEqualTo(before.getGraph().getNodeList());
  }

  @Test
  void aBatchCanBeLeftOpen() throws Exception {
    GraphProto after = ModelProto.parseFrom(parse(TINY.onnx().build()).withAnyBatch()).getGraph();

    assertThat(after.getOutputList())
        .allMatch(o -> o.getType().getTensorType().getShape().getDim(0).getDimParam().equals("N"));
    assertThat(after.getInput(0).getType().getTensorType().getShape().getDim(0).getDimParam())
        .isEqualTo("N");
  }

  @Test
  void shapesOfInnerValuesAreLeftToInference() throws Exception {
    ModelProto.Builder model = TINY.onnx();
    model.getGraphBuilder().addValueInfo(TinyModel.value("inner", 1, 2, 3, 4));

    byte[] after = parse(model.build()).withBatch(2);

    assertThat(ModelProto.parseFrom(after).getGraph().getValueInfoList()).isEmpty();
  }

  @Test
  void aShapeThatNamesTheBatchIsChangedWithIt() throws Exception {
    OnnxGraph graph = parse(TINY.onnxWithReshape().build());

    assertThat(shape(graph.withBatch(4))).containsExactly(4L, 27L, 8L, 12L);
    assertThatThrownBy(graph::withAnyBatch).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aShapeInRawBytesIsChangedAsWell() throws Exception {
    ModelProto.Builder model = TINY.onnxWithReshape();
    int last = model.getGraph().getInitializerCount() - 1;
    ByteBuffer raw = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    for (long dimension : model.getGraph().getInitializer(last).getInt64DataList()) {
      raw.putLong(dimension);
    }
    model
        .getGraphBuilder()
        .getInitializerBuilder(last)
        .clearInt64Data()
        .setRawData(ByteString.copyFrom(raw.flip()));

    TensorProto after = shapeTensor(parse(model.build()).withBatch(4));

    assertThat(after.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).getLong(0))
        .isEqualTo(4);
  }

  private static OnnxGraph parse(ModelProto model) {
    byte[] onnx = model.toByteArray();
    return OnnxGraph.parse(onnx, TinyModel.manifest(onnx));
  }

  private static List<Long> shape(byte[] onnx) throws Exception {
    return shapeTensor(onnx).getInt64DataList();
  }

  private static TensorProto shapeTensor(byte[] onnx) throws Exception {
    return ModelProto.parseFrom(onnx).getGraph().getInitializerList().stream()
        .filter(tensor -> tensor.getName().equals("shape"))
        .findFirst()
        .orElseThrow();
  }

  private static List<Long> firstDimensions(List<ValueInfoProto> values) {
    return values.stream()
        .map(value -> value.getType().getTensorType().getShape().getDim(0).getDimValue())
        .toList();
  }
}
