package dev.fovea.standalone.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.fovea.detector.engine.EngineSettings;
import dev.fovea.detector.engine.LoadedModel;
import dev.fovea.detector.model.ImageBatch;
import dev.fovea.detector.model.ModelManifest;
import dev.fovea.detector.model.OnnxGraph;
import dev.fovea.detector.model.Preprocessor;
import dev.fovea.detector.model.ReleaseFolder;
import dev.fovea.ingest.street.StreetScene;
import dev.fovea.ingest.street.StreetSettings;
import java.io.ByteArrayOutputStream;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * ONNX Runtime's 8-bit kernels on this CPU say what the graph says, operator by operator in floats.
 * Versions from 1.21.1 to at least 1.24.2 do not on CPUs with AMX: of a convolution of 27 filters
 * one place in 32 comes out wrong from the 17th filter on, without a word.
 */
class EightBitKernelsTest {
  /** Of a logit: a few of the steps in which 8-bit tensors count. */
  private static final double TOLERANCE = 0.25;

  @ParameterizedTest
  @ValueSource(strings = {"street-synthetic-int8", "street-int8"})
  void kernelsComputeWhatTheGraphSays(String name) throws Exception {
    Path folder = Path.of("../models").resolve(name);
    List<FloatBuffer> kernels;
    List<FloatBuffer> operators;
    try (LoadedModel model = LoadedModel.load(folder, EngineSettings.cpu(1, 1))) {
      FloatBuffer picture = picture(model);
      byte[] graph = ReleaseFolder.open(folder).graph().withBatch(1);
      kernels = run(graph, OptLevel.ALL_OPT, model.manifest(), picture);
      operators = run(graph, OptLevel.NO_OPT, model.manifest(), picture);
    }

    for (int i = 0; i < kernels.size(); i++) {
      assertThat(largestDifference(kernels.get(i), operators.get(i)))
          .as(OnnxGraph.outputNames().get(i))
          .isLessThan(TOLERANCE);
    }
  }

  private static FloatBuffer picture(LoadedModel model) throws Exception {
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    StreetScene scene = new StreetScene(StreetSettings.of(7).withSize(640, 360));
    ImageIO.write(scene.render(40), "jpeg", jpeg);
    ImageBatch batch = model.newBatch();
    try (Preprocessor preprocessor = model.newPreprocessor()) {
      preprocessor.preprocess(jpeg.toByteArray(), batch, 0);
    }
    return batch.data();
  }

  /** The outputs, in the order of {@link OnnxGraph#outputNames()}. */
  private static List<FloatBuffer> run(
      byte[] graph, OptLevel level, ModelManifest manifest, FloatBuffer picture)
      throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    long[] shape = {1, 3, manifest.inputHeightPx(), manifest.inputWidthPx()};
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(level);
      try (OrtSession session = environment.createSession(graph, options);
          OnnxTensor input = OnnxTensor.createTensor(environment, picture, shape);
          OrtSession.Result result = session.run(Map.of(OnnxGraph.INPUT, input))) {
        List<FloatBuffer> outputs = new ArrayList<>();
        for (String name : OnnxGraph.outputNames()) {
          outputs.add(((OnnxTensor) result.get(name).orElseThrow()).getFloatBuffer());
        }
        return outputs;
      }
    }
  }

  private static double largestDifference(FloatBuffer one, FloatBuffer other) {
    assertThat(one.limit()).isEqualTo(other.limit()).isPositive();
    double largest = 0;
    for (int i = 0; i < one.limit(); i++) {
      largest = Math.max(largest, Math.abs(one.get(i) - other.get(i)));
    }
    return largest;
  }
}
