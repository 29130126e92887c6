package dev.fovea.detector.engine;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.TranslateException;
import ai.djl.translate.TranslatorContext;
import dev.fovea.detector.model.ImageBatch;
import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.model.OnnxGraph;
import dev.fovea.detector.model.RawPredictions;
import dev.fovea.detector.model.ReleaseFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TensorRT on an NVIDIA GPU, through DJL's engine.
 *
 * <p>Shapes are static there, so that every run is a run of the largest batch, whatever part of it
 * is filled. A plan that {@link PlanBuilder} has built for this GPU loads in seconds; without one
 * DJL's engine builds from the graph at every load, which takes minutes for a large one.
 */
final class TensorRtEngine implements InferenceEngine {
  private static final Logger log = LoggerFactory.getLogger(TensorRtEngine.class);

  static final String ENGINE = "TensorRT";
  private static final int CHANNELS = 3;

  private final Model model;
  private final Predictor<ImageBatch, RawPredictions> predictor;
  private final int maxBatch;
  private final int widthPx;
  private final int heightPx;

  private TensorRtEngine(Model model, ReleaseFolder release, EngineSettings settings) {
    this.model = model;
    this.maxBatch = settings.maxBatch();
    this.widthPx = release.manifest().inputWidthPx();
    this.heightPx = release.manifest().inputHeightPx();
    OutputBuffers outputs = new OutputBuffers(release.manifest(), maxBatch);
    this.predictor = model.newPredictor(new BufferTranslator(outputs));
  }

  /**
   * Checks the machine, then loads a release's plan or, where there is none, its graph.
   *
   * @throws EngineUnavailableException in one sentence if this machine cannot run TensorRT
   * @throws ModelLoadException naming the release where TensorRT refuses the graph
   */
  static TensorRtEngine load(ReleaseFolder release, EngineSettings settings)
      throws ModelLoadException {
    Path plan = plan(new NvidiaLibraries().gpu(), release, settings);
    if (plan != null) {
      try {
        return loadUnchecked(release, settings, plan);
      } catch (ModelLoadException e) {
        log.warn("{}; one is built from {} now.", e.getMessage(), ReleaseFolder.MODEL);
      }
    }
    return loadUnchecked(release, settings, null);
  }

  /** The plan to load; null, and why in the log, where there is none. */
  static @Nullable Path plan(Gpu gpu, ReleaseFolder release, EngineSettings settings) {
    TensorRtSettings tensorRt = settings.tensorRt();
    PlanKey key =
        new PlanKey(gpu, release.manifest().sha256(), tensorRt.fp16(), settings.maxBatch());
    Optional<Path> plan = new PlanCache(tensorRt.plans()).find(key);
    if (plan.isPresent()) {
      log.info("Release {} runs by the plan {}", release.folder(), plan.get());
      return plan.get();
    }
    log.info(
        "Release {} has no plan for this GPU in {}: TensorRT builds one now, and at each start;"
            + " `fovea engine build --model {} --batch {} --{}` makes one that is kept",
        release.folder(),
        tensorRt.plans(),
        release.folder(),
        settings.maxBatch(),
        key.precision());
    return null;
  }

  /** The same without the checks: on a machine that fails them this may end the JVM. */
  static TensorRtEngine loadUnchecked(
      ReleaseFolder release, EngineSettings settings, @Nullable Path plan)
      throws ModelLoadException {
    Engine engine = Djl.engine(ENGINE, EngineKind.TENSORRT);
    Model model = engine.newModel(release.manifest().name(), Device.gpu());
    try {
      if (plan == null) {
        loadGraph(model, release.graph().withBatch(settings.maxBatch()), options(settings));
      } else {
        model.load(plan, null, options(settings));
      }
      return new TensorRtEngine(model, release, settings);
    } catch (Exception e) {
      model.close();
      throw new ModelLoadException(
          "release %s: %s is refused by TensorRT: %s"
              .formatted(
                  release.folder(), plan == null ? ReleaseFolder.MODEL : plan, Djl.rootMessage(e)),
          e);
    }
  }

  /** DJL takes TensorRT's models from files only. */
  private static void loadGraph(Model model, byte[] onnx, Map<String, String> options)
      throws Exception {
    Path folder = Files.createTempDirectory("fovea-tensorrt");
    Path file = folder.resolve(ReleaseFolder.MODEL);
    try {
      Files.write(file, onnx);
      model.load(file, null, options);
    } finally {
      deleteQuietly(file);
      deleteQuietly(folder);
    }
  }

  private static void deleteQuietly(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      path.toFile().deleteOnExit();
    }
  }

  /** DJL's options count by their presence: {@code fp16=false} would still mean half precision. */
  private static Map<String, String> options(EngineSettings settings) {
    return settings.tensorRt().fp16() ? Map.of("fp16", "true") : Map.of();
  }

  @Override
  public RawPredictions infer(ImageBatch batch) {
    BatchCheck.require(batch, maxBatch, widthPx, heightPx);
    if (batch.capacity() != maxBatch) {
      throw new IllegalArgumentException(
          "TensorRT runs batches of a capacity of exactly %d, not %d"
              .formatted(maxBatch, batch.capacity()));
    }
    try {
      return predictor.predict(batch);
    } catch (TranslateException | EngineException e) {
      throw new InferenceException("TensorRT: " + Djl.rootMessage(e), e);
    }
  }

  @Override
  public String name() {
    return EngineKind.TENSORRT.key() + ":gpu";
  }

  @Override
  public int maxBatch() {
    return maxBatch;
  }

  @Override
  public void close() {
    predictor.close();
    model.close();
  }

  /** Batch to input array, and the bound outputs, which the next run overwrites, to our buffers. */
  private static final class BufferTranslator
      implements NoBatchifyTranslator<ImageBatch, RawPredictions> {
    private final OutputBuffers outputs;
    private int images;

    BufferTranslator(OutputBuffers outputs) {
      this.outputs = outputs;
    }

    @Override
    public NDList processInput(TranslatorContext context, ImageBatch batch) {
      images = batch.size();
      Shape shape = new Shape(batch.capacity(), CHANNELS, batch.heightPx(), batch.widthPx());
      NDArray input = context.getNDManager().create(batch.bytes(), shape, DataType.FLOAT32);
      input.setName(OnnxGraph.INPUT);
      return new NDList(input);
    }

    @Override
    public RawPredictions processOutput(TranslatorContext context, NDList list) {
      Map<String, NDArray> byName = new HashMap<>();
      list.forEach(array -> byName.put(array.getName(), array));
      for (OutputBuffers.Output output : outputs.outputs()) {
        NDArray array = byName.get(output.name());
        if (array == null) {
          throw new EngineException("no output " + output.name());
        }
        copy(array, output);
      }
      return outputs.predictions(images);
    }

    private void copy(NDArray array, OutputBuffers.Output output) {
      if (array.getDataType() != DataType.FLOAT32) {
        throw new EngineException(
            "output " + output.name() + " is of " + array.getDataType() + ", not of floats");
      }
      ByteBuffer bytes = array.toByteBuffer(true);
      FloatBuffer floats = bytes.order(ByteOrder.nativeOrder()).asFloatBuffer();
      int length = images * output.floatsPerImage();
      if (floats.limit() < length) {
        throw new EngineException(
            "output %s has %d floats, not %d".formatted(output.name(), floats.limit(), length));
      }
      output.floats().put(0, floats, 0, length);
    }
  }
}
