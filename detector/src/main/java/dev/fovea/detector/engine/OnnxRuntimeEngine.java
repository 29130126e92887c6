package dev.fovea.detector.engine;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.nn.Block;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.fovea.detector.model.ImageBatch;
import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.model.OnnxGraph;
import dev.fovea.detector.model.RawPredictions;
import dev.fovea.detector.model.ReleaseFolder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * ONNX Runtime on the CPU, loaded through DJL.
 *
 * <p>DJL's own {@code Predictor} copies every output to the heap, hundreds of KiB a run, so the
 * session that DJL made is run directly, with its outputs bound to direct buffers that are kept.
 * The batch's dimension is left open in the graph, so that a batch of one costs what one image
 * costs; a graph that fixes it inside is run image by image, on a CPU about as fast.
 */
final class OnnxRuntimeEngine implements InferenceEngine {
  static final String ENGINE = "OnnxRuntime";
  private static final int CHANNELS = 3;

  private final Model model;
  private final OrtSession session;
  private final OrtEnvironment environment;
  private final OutputBuffers outputs;
  private final int maxBatch;
  private final int widthPx;
  private final int heightPx;
  private final boolean imageByImage;

  /** Output tensors over the buffers, by first image and number of images. */
  private final Map<Images, Map<String, OnnxTensor>> bindings = new HashMap<>();

  private record Images(int first, int count) {}

  private OnnxRuntimeEngine(
      Model model, OrtSession session, ReleaseFolder release, EngineSettings settings) {
    this.model = model;
    this.session = session;
    this.environment = OrtEnvironment.getEnvironment();
    this.outputs = new OutputBuffers(release.manifest(), settings.maxBatch());
    this.maxBatch = settings.maxBatch();
    this.widthPx = release.manifest().inputWidthPx();
    this.heightPx = release.manifest().inputHeightPx();
    this.imageByImage = !release.graph().canHaveAnyBatch();
  }

  /**
   * Loads a release's graph.
   *
   * @throws ModelLoadException naming the release where ONNX Runtime refuses the graph
   */
  static OnnxRuntimeEngine load(ReleaseFolder release, EngineSettings settings)
      throws ModelLoadException {
    // The engine must be DJL's before the environment is anyone's.
    Engine engine = Djl.engine(ENGINE, EngineKind.ONNXRUNTIME);
    OnnxGraph graph = release.graph();
    byte[] onnx = graph.canHaveAnyBatch() ? graph.withAnyBatch() : graph.withBatch(1);
    Model model = engine.newModel(release.manifest().name(), Device.cpu());
    try (OrtSession.SessionOptions options = options(settings)) {
      model.load(new ByteArrayInputStream(onnx), Map.of("sessionOptions", options));
      return new OnnxRuntimeEngine(model, sessionOf(model.getBlock()), release, settings);
    } catch (MalformedModelException | IOException | OrtException e) {
      model.close();
      throw new ModelLoadException(
          "release %s: %s is refused by ONNX Runtime: %s"
              .formatted(release.folder(), ReleaseFolder.MODEL, Djl.rootMessage(e)),
          e);
    }
  }

  private static OrtSession.SessionOptions options(EngineSettings settings) throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(settings.threads());
    options.setInterOpNumThreads(1);
    // Spinning threads of two sessions in one process slow each other down.
    options.addConfigEntry("session.intra_op.allow_spinning", "0");
    options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
    return options;
  }

  /** The session that DJL made; its block has no accessor for it. */
  private static OrtSession sessionOf(Block block) {
    try {
      Field field = block.getClass().getDeclaredField("session");
      field.setAccessible(true);
      return (OrtSession) field.get(block);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("DJL's ONNX Runtime block is not the one of 0.36.0", e);
    }
  }

  @Override
  public RawPredictions infer(ImageBatch batch) {
    BatchCheck.require(batch, maxBatch, widthPx, heightPx);
    try {
      if (imageByImage) {
        for (int image = 0; image < batch.size(); image++) {
          run(batch, new Images(image, 1));
        }
      } else {
        run(batch, new Images(0, batch.size()));
      }
    } catch (OrtException e) {
      throw new InferenceException("ONNX Runtime: " + Djl.rootMessage(e), e);
    }
    return outputs.predictions(batch.size());
  }

  private void run(ImageBatch batch, Images images) throws OrtException {
    int floatsPerImage = CHANNELS * heightPx * widthPx;
    FloatBuffer input =
        batch.data().slice(images.first * floatsPerImage, images.count * floatsPerImage);
    long[] shape = {images.count, CHANNELS, heightPx, widthPx};
    // Over a direct buffer a tensor is a view: nothing is copied.
    try (OnnxTensor tensor = OnnxTensor.createTensor(environment, input, shape);
        OrtSession.Result result =
            session.run(Map.of(OnnxGraph.INPUT, tensor), boundOutputs(images))) {
      if (result.size() != outputs.outputs().size()) {
        throw new IllegalStateException("ONNX Runtime gave " + result.size() + " outputs");
      }
    }
  }

  private Map<String, OnnxTensor> boundOutputs(Images images) throws OrtException {
    Map<String, OnnxTensor> bound = bindings.get(images);
    if (bound == null) {
      bound = new LinkedHashMap<>();
      for (OutputBuffers.Output output : outputs.outputs()) {
        bound.put(
            output.name(),
            OnnxTensor.createTensor(
                environment, output.slice(images.first, images.count), output.shape(images.count)));
      }
      bindings.put(images, bound);
    }
    return bound;
  }

  @Override
  public String name() {
    return EngineKind.ONNXRUNTIME.key() + ":cpu";
  }

  @Override
  public int maxBatch() {
    return maxBatch;
  }

  @Override
  public void close() {
    bindings.values().forEach(bound -> bound.values().forEach(OnnxTensor::close));
    bindings.clear();
    model.close();
  }
}
