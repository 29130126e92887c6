package dev.fovea.trainer.quantize;

import ai.djl.engine.Engine;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.fovea.detector.model.OnnxGraph;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Measures what values the tensors of a graph take. */
final class ActivationRanges {
  private ActivationRanges() {}

  /**
   * Runs the graph with every tensor made an output.
   *
   * @param model for one picture
   * @param images (3, H, W) each, as the network gets them
   * @return by tensor name, the input's too
   */
  static Map<String, Range> measure(
      ModelProto model, List<float[]> images, int widthPx, int heightPx) throws OrtException {
    // DJL insists on making ONNX Runtime's environment itself.
    Engine.getEngine("OnnxRuntime");
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    Map<String, Range> ranges = new HashMap<>();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        OrtSession session = environment.createSession(tapped(model), options)) {
      for (float[] image : images) {
        ranges.merge(OnnxGraph.INPUT, range(FloatBuffer.wrap(image)), Range::including);
        try (OnnxTensor input =
                OnnxTensor.createTensor(
                    environment, FloatBuffer.wrap(image), new long[] {1, 3, heightPx, widthPx});
            OrtSession.Result result = session.run(Map.of(OnnxGraph.INPUT, input))) {
          result.forEach(
              output ->
                  ranges.merge(
                      output.getKey(),
                      range(((OnnxTensor) output.getValue()).getFloatBuffer()),
                      Range::including));
        }
      }
    }
    return ranges;
  }

  private static byte[] tapped(ModelProto model) {
    ModelProto.Builder tapped = model.toBuilder();
    GraphProto.Builder graph = tapped.getGraphBuilder();
    Set<String> outputs = new HashSet<>();
    graph.getOutputList().forEach(output -> outputs.add(output.getName()));
    TypeProto floats =
        TypeProto.newBuilder()
            .setTensorType(
                TypeProto.Tensor.newBuilder().setElemType(TensorProto.DataType.FLOAT.getNumber()))
            .build();
    for (NodeProto node : model.getGraph().getNodeList()) {
      for (String output : node.getOutputList()) {
        if (outputs.add(output)) {
          graph.addOutput(ValueInfoProto.newBuilder().setName(output).setType(floats));
        }
      }
    }
    return tapped.build().toByteArray();
  }

  private static Range range(FloatBuffer values) {
    float min = 0;
    float max = 0;
    while (values.hasRemaining()) {
      float value = values.get();
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    return new Range(min, max);
  }
}
