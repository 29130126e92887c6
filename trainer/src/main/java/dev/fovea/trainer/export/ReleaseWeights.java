package dev.fovea.trainer.export;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.model.ReleaseFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The weights of a release, out of its {@code model.onnx}: what {@link OnnxWriter} named them is
 * what they are called while training, so that a network can go on learning from what is served.
 */
public final class ReleaseWeights {
  private ReleaseWeights() {}

  /**
   * Reads them.
   *
   * @param release folder with manifest and model, which must belong together
   * @return convolutions' weights and biases by name; batch normalisation has been folded into them
   * @throws NoWeightsException if it is of 8 bits or was made elsewhere
   * @throws IOException naming the release and what is wrong with it
   */
  public static Map<String, float[]> read(Path release) throws IOException {
    GraphProto graph = graph(release);
    Map<String, float[]> weights = new HashMap<>();
    for (TensorProto tensor : graph.getInitializerList()) {
      if (tensor.getDataType() == TensorProto.DataType.FLOAT.getNumber()) {
        weights.put(tensor.getName(), OnnxTensors.floats(tensor));
      }
    }
    if (isInEightBits(graph)
        || weights.keySet().stream().noneMatch(name -> name.endsWith(".weight"))) {
      throw new NoWeightsException(
          "release "
              + release
              + " has no weights as a training run names them: an 8-bit release, or one made"
              + " elsewhere; start from the release that it was made of");
    }
    return weights;
  }

  /** Its stem's weights are floats, the others are not. */
  private static boolean isInEightBits(GraphProto graph) {
    return graph.getInitializerList().stream()
        .anyMatch(tensor -> tensor.getDataType() == TensorProto.DataType.INT8.getNumber());
  }

  private static GraphProto graph(Path release) throws IOException {
    try {
      return ModelProto.parseFrom(ReleaseFolder.open(release).graph().withBatch(1)).getGraph();
    } catch (ModelLoadException e) {
      throw new IOException(e.getMessage(), e);
    } catch (InvalidProtocolBufferException e) {
      throw new IOException("release " + release + ": its model is no ONNX: " + e.getMessage(), e);
    }
  }
}
