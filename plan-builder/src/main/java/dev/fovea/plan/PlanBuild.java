package dev.fovea.plan;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.tensorrt.global.nvinfer;
import org.bytedeco.tensorrt.global.nvinfer.BuilderFlag;
import org.bytedeco.tensorrt.global.nvinfer.MemoryPoolType;
import org.bytedeco.tensorrt.global.nvinfer.NetworkDefinitionCreationFlag;
import org.bytedeco.tensorrt.global.nvinfer_plugin;
import org.bytedeco.tensorrt.global.nvonnxparser;
import org.bytedeco.tensorrt.nvinfer.IBuilder;
import org.bytedeco.tensorrt.nvinfer.IBuilderConfig;
import org.bytedeco.tensorrt.nvinfer.IHostMemory;
import org.bytedeco.tensorrt.nvinfer.ILogger;
import org.bytedeco.tensorrt.nvinfer.INetworkDefinition;
import org.bytedeco.tensorrt.nvonnxparser.IParser;
import org.jspecify.annotations.Nullable;

/**
 * From an ONNX graph with static shapes to a plan, by TensorRT 8.6's builder ("Developer Guide",
 * §3.1, The Build Phase). What is made on the way is not freed: the process ends with it.
 */
final class PlanBuild {
  private final boolean halfPrecision;
  private final long workspaceBytes;
  private final PrintStream out;
  private final PrintedLog log;

  /**
   * @param halfPrecision whether layers may run in half precision; inputs and outputs stay floats
   * @param workspaceBytes most memory of the GPU that a layer may use for intermediate results
   * @param out where steps and TensorRT's log are said
   */
  PlanBuild(boolean halfPrecision, long workspaceBytes, PrintStream out) {
    this.halfPrecision = halfPrecision;
    this.workspaceBytes = workspaceBytes;
    this.out = out;
    this.log = new PrintedLog(out);
  }

  /**
   * Builds and writes the plan.
   *
   * @throws RefusedException if TensorRT makes none of this graph, on this machine
   */
  void build(Path onnx, Path plan) throws RefusedException, IOException {
    step("starting TensorRT");
    IBuilder builder = made(nvinfer.createInferBuilder(log), "TensorRT does not start");
    // Group normalisation is exported as instance normalisation, which is a plugin's in TensorRT
    // 8.6.
    if (!nvinfer_plugin.initLibNvInferPlugins(log, "")) {
      throw new RefusedException("TensorRT's plugins do not start: " + log.reason());
    }
    int explicitBatch = 1 << NetworkDefinitionCreationFlag.kEXPLICIT_BATCH.value;
    INetworkDefinition network =
        made(builder.createNetworkV2(explicitBatch), "TensorRT makes no network");
    step("reading the graph");
    parse(network, onnx);
    IBuilderConfig config = made(builder.createBuilderConfig(), "TensorRT makes no configuration");
    config.setMemoryPoolLimit(MemoryPoolType.kWORKSPACE, workspaceBytes);
    if (halfPrecision) {
      config.setFlag(BuilderFlag.kFP16);
    }
    step("timing layers on the GPU");
    IHostMemory built =
        made(builder.buildSerializedNetwork(network, config), "TensorRT builds no plan");
    step("writing the plan");
    write(built, plan);
  }

  private void parse(INetworkDefinition network, Path onnx) throws RefusedException {
    IParser parser = made(nvonnxparser.createParser(network, log), "TensorRT makes no parser");
    if (!parser.parseFromFile(onnx.toString(), ILogger.Severity.kWARNING.value)) {
      String why =
          parser.getNbErrors() == 0
              ? log.reason()
              : "node " + parser.getError(0).node() + ": " + parser.getError(0).desc();
      throw new RefusedException("TensorRT does not read the graph: " + why);
    }
  }

  private void write(IHostMemory built, Path plan) throws IOException {
    ByteBuffer bytes = new BytePointer(built.data()).capacity(built.size()).asByteBuffer();
    try (FileChannel file =
        FileChannel.open(plan, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
      file.force(true);
    }
  }

  private <T> T made(@Nullable T object, String otherwise) throws RefusedException {
    if (object == null) {
      String why = log.reason();
      throw new RefusedException(why.isEmpty() ? otherwise : otherwise + ": " + why);
    }
    return object;
  }

  private void step(String what) {
    out.println("step: " + what);
    out.flush();
  }
}
