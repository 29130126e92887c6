package dev.fovea.detector.model;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.fovea.detector.geometry.AnchorGenerator;
import dev.fovea.detector.geometry.AnchorShapes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A model small enough to be known by heart: each output is one 1x1 convolution of the input at its
 * stride, so that what an engine must answer can be written down: {@code out[c][i][j] = bias[c] + Σ
 * weight[c][k] · in[k][i·stride][j·stride]}.
 */
public final class TinyModel {
  public static final int WIDTH_PX = 96;
  public static final int HEIGHT_PX = 64;
  public static final List<String> CLASSES = List.of("car", "person", "bicycle");

  private static final int CHANNELS = 3;
  private static final int ANCHORS = 9;

  private final float[][][] weights = new float[10][][];
  private final float[][] biases = new float[10][];

  /** Random weights. */
  public TinyModel(long seed) {
    Random random = new Random(seed);
    for (int output = 0; output < weights.length; output++) {
      int channels = channels(output);
      weights[output] = new float[channels][CHANNELS];
      biases[output] = new float[channels];
      for (int channel = 0; channel < channels; channel++) {
        biases[output][channel] = (float) random.nextGaussian() - (output % 2 == 0 ? 3 : 0);
        for (int k = 0; k < CHANNELS; k++) {
          weights[output][channel][k] = (float) random.nextGaussian();
        }
      }
    }
  }

  private TinyModel() {
    for (int output = 0; output < weights.length; output++) {
      weights[output] = new float[channels(output)][CHANNELS];
      biases[output] = new float[channels(output)];
    }
  }

  /**
   * Sees a car wherever it is bright: the square anchor of stride 8's cells gets a logit of {@code
   * 20 · (red − ½)}, all else −20; boxes are the anchors themselves. For an input of 0 to 1.
   */
  public static TinyModel brightIsCar() {
    TinyModel model = new TinyModel();
    for (int output = 0; output < model.biases.length; output += 2) {
      java.util.Arrays.fill(model.biases[output], -20);
    }
    int square = 3 * CLASSES.size();
    model.biases[0][square] = -10;
    model.weights[0][square][0] = 20;
    return model;
  }

  private static int channels(int output) {
    return ANCHORS * (output % 2 == 0 ? CLASSES.size() : 4);
  }

  /** What output number {@code output} must be for an input (3, H, W): (channels, h, w). */
  public float[] expected(int output, FloatBuffer input) {
    AnchorGenerator anchors = AnchorGenerator.of(AnchorShapes.paper(), WIDTH_PX, HEIGHT_PX);
    int level = output / 2;
    int stride = AnchorGenerator.STRIDES.get(level);
    int height = anchors.height(level);
    int width = anchors.width(level);
    float[] values = new float[channels(output) * height * width];
    int at = 0;
    for (int channel = 0; channel < channels(output); channel++) {
      for (int row = 0; row < height; row++) {
        for (int column = 0; column < width; column++) {
          float value = biases[output][channel];
          for (int k = 0; k < CHANNELS; k++) {
            int pixel = (k * HEIGHT_PX + row * stride) * WIDTH_PX + column * stride;
            value += weights[output][channel][k] * input.get(pixel);
          }
          values[at++] = value;
        }
      }
    }
    return values;
  }

  /** Its sizes, names and weights for a program in C. */
  public String asCHeader() {
    StringBuilder names = new StringBuilder();
    StringBuilder strides = new StringBuilder();
    StringBuilder channels = new StringBuilder();
    StringBuilder weightRows = new StringBuilder();
    StringBuilder biasRows = new StringBuilder();
    for (int output = 0; output < weights.length; output++) {
      names.append('"').append(OnnxGraph.outputNames().get(output)).append("\", ");
      strides.append(AnchorGenerator.STRIDES.get(output / 2)).append(", ");
      channels.append(channels(output)).append(", ");
      weightRows.append("{");
      biasRows.append("{");
      for (int channel = 0; channel < channels(output); channel++) {
        float[] w = weights[output][channel];
        weightRows.append("{%.9gf, %.9gf, %.9gf}, ".formatted(w[0], w[1], w[2]));
        biasRows.append("%.9gf, ".formatted(biases[output][channel]));
      }
      weightRows.append("},\n");
      biasRows.append("},\n");
    }
    return """
        #define WIDTH %d
        #define HEIGHT %d
        #define OUTPUTS %d
        static const char *const names[OUTPUTS] = {%s};
        static const int strides[OUTPUTS] = {%s};
        static const int channels[OUTPUTS] = {%s};
        static const float weights[OUTPUTS][%d][3] = {%s};
        static const float biases[OUTPUTS][%d] = {%s};
        """
        .formatted(
            WIDTH_PX,
            HEIGHT_PX,
            weights.length,
            names,
            strides,
            channels,
            channels(1),
            weightRows,
            channels(1),
            biasRows);
  }

  /** The graph as ONNX, batch 1. */
  public ModelProto.Builder onnx() {
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .setName("tiny")
            .addInput(value(OnnxGraph.INPUT, 1, CHANNELS, HEIGHT_PX, WIDTH_PX));
    AnchorGenerator anchors = AnchorGenerator.of(AnchorShapes.paper(), WIDTH_PX, HEIGHT_PX);
    for (int output = 0; output < weights.length; output++) {
      String name = OnnxGraph.outputNames().get(output);
      int level = output / 2;
      int stride = AnchorGenerator.STRIDES.get(level);
      TensorProto.Builder weight = tensor(name + ".weight", channels(output), CHANNELS, 1, 1);
      TensorProto.Builder bias = tensor(name + ".bias", channels(output));
      for (int channel = 0; channel < channels(output); channel++) {
        bias.addFloatData(biases[output][channel]);
        for (int k = 0; k < CHANNELS; k++) {
          weight.addFloatData(weights[output][channel][k]);
        }
      }
      graph
          .addInitializer(weight)
          .addInitializer(bias)
          .addNode(
              NodeProto.newBuilder()
                  .setOpType("Conv")
                  .setName(name)
                  .addInput(OnnxGraph.INPUT)
                  .addInput(name + ".weight")
                  .addInput(name + ".bias")
                  .addOutput(name)
                  .addAttribute(ints("kernel_shape", 1, 1))
                  .addAttribute(ints("strides", stride, stride)))
          .addOutput(value(name, 1, channels(output), anchors.height(level), anchors.width(level)));
    }
    return ModelProto.newBuilder()
        .setIrVersion(7)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(13))
        .setGraph(graph);
  }

  /** The same graph, whose first output goes through a reshape that names the batch size. */
  public ModelProto.Builder onnxWithReshape() {
    ModelProto.Builder model = onnx();
    GraphProto.Builder graph = model.getGraphBuilder();
    graph.getNodeBuilder(0).setOutput(0, "flat");
    graph
        .addInitializer(
            TensorProto.newBuilder()
                .setName("shape")
                .setDataType(TensorProto.DataType.INT64.getNumber())
                .addDims(4)
                .addInt64Data(1)
                .addInt64Data(channels(0))
                .addInt64Data(HEIGHT_PX / 8)
                .addInt64Data(WIDTH_PX / 8))
        .addNode(
            NodeProto.newBuilder()
                .setOpType("Reshape")
                .addInput("flat")
                .addInput("shape")
                .addOutput("cls_p3"));
    return model;
  }

  /** Its manifest, with the sum of the given bytes; input is rgb / 255. */
  public static ModelManifest manifest(byte[] onnx) {
    return new ModelManifest(
        "tiny",
        "1",
        WIDTH_PX,
        HEIGHT_PX,
        Fit.STRETCH,
        List.of(0f, 0f, 0f),
        List.of(1f, 1f, 1f),
        CLASSES,
        AnchorShapes.paper(),
        0.5f,
        0.5f,
        1000,
        100,
        ReleaseFolder.sha256(onnx),
        Map.of("AP50", 0.5),
        Map.of("made", "by a test"));
  }

  /** Writes a release folder. */
  public Path writeTo(Path folder) {
    return write(folder, onnx());
  }

  /** Writes a release folder around a changed graph. */
  public static Path write(Path folder, ModelProto.Builder model) {
    byte[] onnx = model.build().toByteArray();
    try {
      ReleaseFolder.write(folder, manifest(onnx), onnx);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return folder;
  }

  /** A float tensor without its data. */
  static TensorProto.Builder tensor(String name, long... shape) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName(name).setDataType(TensorProto.DataType.FLOAT.getNumber());
    for (long dimension : shape) {
      tensor.addDims(dimension);
    }
    return tensor;
  }

  /** A float value of a graph. */
  static ValueInfoProto value(String name, long... shape) {
    TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
    for (long dimension : shape) {
      dimensions.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(dimension));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.FLOAT.getNumber())
                        .setShape(dimensions)))
        .build();
  }

  private static AttributeProto ints(String name, long... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }
}
