package dev.fovea.standalone.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.tensorrt.jni.JniUtils;
import dev.fovea.detector.engine.EngineKind;
import dev.fovea.detector.engine.EngineSettings;
import dev.fovea.detector.engine.EngineSupport;
import dev.fovea.detector.engine.LoadedModel;
import dev.fovea.detector.engine.PlanBuilder;
import dev.fovea.detector.engine.PlanCache;
import dev.fovea.detector.engine.TensorRtSettings;
import dev.fovea.detector.model.DetectionDecoder;
import dev.fovea.detector.model.ImageBatch;
import dev.fovea.detector.model.PictureLimits;
import dev.fovea.detector.model.Preprocessor;
import dev.fovea.detector.model.RawPredictions;
import dev.fovea.detector.model.ReleaseFolder;
import dev.fovea.detector.model.UndecodableImageException;
import dev.fovea.ingest.street.StreetScene;
import dev.fovea.ingest.street.StreetSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The bundled model on TensorRT, by {@code mvn verify -Pgpu}: its outputs beside ONNX Runtime's,
 * and its speed beside a bare loop over the same plan, printed as docs/benchmarks.md has it.
 */
@Tag("gpu")
class BundledModelOnGpuIT {
  private static final Path MODEL = Path.of("../models/street-synthetic").toAbsolutePath();
  private static final int BATCH = 4;
  private static final int ROUNDS = 5;
  private static final int RUNS = 500;
  private static final int DJL_PLAN = 2;

  /** A box's numbers count only where something is seen. */
  private static final float SEEN = 0.05f;

  @TempDir static Path plans;

  private static List<byte[]> pictures = List.of();

  /** Skips with the sentence of {@code fovea engine list} where TensorRT does not run. */
  @BeforeAll
  static void requireGpu() throws IOException {
    Optional<String> missing = EngineSupport.missing(EngineKind.TENSORRT);
    missing.ifPresent(sentence -> System.out.println("Skipped: " + sentence));
    Assumptions.assumeTrue(missing.isEmpty(), missing::get);
    pictures = streets();
  }

  /**
   * How far outputs are apart at most.
   *
   * @param score of all places and classes, from 0 to 1
   * @param offset of the boxes where something is seen, in sides of their anchors
   * @param seen how many boxes those are
   */
  private record Difference(float score, float offset, int seen) {}

  @Test
  void floatsAgreeWithOnnxRuntime() throws Exception {
    Difference largest = difference(false);

    assertThat(largest.seen()).isGreaterThan(20);
    assertThat(largest.score()).as("score, TF32 allowed").isLessThan(0.01f);
    assertThat(largest.offset()).as("box, TF32 allowed").isLessThan(0.02f);
  }

  @Test
  void halvesAgreeWithOnnxRuntime() throws Exception {
    Difference largest = difference(true);

    assertThat(largest.seen()).isGreaterThan(20);
    assertThat(largest.score()).as("score").isLessThan(0.03f);
    assertThat(largest.offset()).as("box").isLessThan(0.05f);
  }

  @Test
  void speedBesideABareLoop() throws Exception {
    for (boolean fp16 : new boolean[] {false, true}) {
      PlanBuilder builder = builder();
      Path plan = builder.build(ReleaseFolder.open(MODEL), fp16, BATCH, step -> {}).file();
      try (LoadedModel model = LoadedModel.load(MODEL, settings(fp16))) {
        ImageBatch batch = batch(model);
        Rates bare = bareLoop(plan, batch);
        Rates engine = Rates.measured(() -> model.infer(batch));
        Rates detection = jpegToBoxes(model);
        System.out.printf(
            Locale.ROOT,
            "%n%s, %s, batches of %d, %d rounds of %d runs:%n%n"
                + "| | frames/s | range | ratio |%n|---|---|---|---|%n",
            builder.gpu(),
            fp16 ? "fp16" : "fp32",
            BATCH,
            ROUNDS,
            RUNS);
        bare.print("bare loop over the plan, copies to and from the GPU included", bare);
        engine.print("our engine: a batch in, outputs out", bare);
        detection.print("JPEG to boxes in one thread, no Kafka", bare);
        assertThat(engine.median()).isPositive();
      }
    }
  }

  private static Difference difference(boolean fp16) throws Exception {
    builder().build(ReleaseFolder.open(MODEL), fp16, BATCH, step -> {});
    try (LoadedModel cpu = LoadedModel.load(MODEL, EngineSettings.cpu(2, BATCH));
        LoadedModel gpu = LoadedModel.load(MODEL, settings(fp16))) {
      ImageBatch batch = batch(cpu);
      Difference largest =
          difference(cpu.infer(batch), gpu.infer(batch), cpu.manifest().classes().size());
      System.out.printf(
          Locale.ROOT,
          "%s beside ONNX Runtime: scores differ by at most %.5f, %d boxes by at most %.5f"
              + " anchors%n",
          fp16 ? "fp16" : "fp32 (TF32 allowed)",
          largest.score(),
          largest.seen(),
          largest.offset());
      return largest;
    }
  }

  private static Difference difference(RawPredictions one, RawPredictions other, int classes) {
    float score = 0;
    float offset = 0;
    int seen = 0;
    for (int level = 0; level < one.levels().size(); level++) {
      RawPredictions.Level a = one.levels().get(level);
      RawPredictions.Level b = other.levels().get(level);
      int cells = a.height() * a.width();
      Set<Integer> boxes = new HashSet<>();
      for (int i = 0; i < a.logits().limit(); i++) {
        float expected = sigmoid(a.logits().get(i));
        score = Math.max(score, Math.abs(expected - sigmoid(b.logits().get(i))));
        if (expected > SEEN) {
          // (N, A·K, H, W) -> the first of its box's four in (N, A·4, H, W)
          int anchor = i / cells / classes;
          boxes.add(anchor * 4 * cells + i % cells);
        }
      }
      seen += boxes.size();
      for (int first : boxes) {
        for (int side = 0; side < 4; side++) {
          int at = first + side * cells;
          offset = Math.max(offset, Math.abs(a.deltas().get(at) - b.deltas().get(at)));
        }
      }
    }
    return new Difference(score, offset, seen);
  }

  private static float sigmoid(float logit) {
    return (float) (1 / (1 + Math.exp(-logit)));
  }

  /** DJL's session of the plan, run again and again on what is bound to it. */
  private static Rates bareLoop(Path plan, ImageBatch batch) throws Exception {
    long model = JniUtils.loadModel(DJL_PLAN, plan.toString(), Device.gpu(), Map.of());
    long session = JniUtils.createSession(model);
    try {
      List<ByteBuffer> bound = new ArrayList<>();
      for (String name : JniUtils.getInputNames(model)) {
        ByteBuffer input = buffer(JniUtils.getShape(session, name));
        input.duplicate().put(batch.bytes());
        bound.add(input);
        JniUtils.bind(session, name, input);
      }
      for (String name : JniUtils.getOutputNames(model)) {
        ByteBuffer output = buffer(JniUtils.getShape(session, name));
        bound.add(output);
        JniUtils.bind(session, name, output);
      }
      Rates rates = Rates.measured(() -> JniUtils.runTrtModel(session));
      assertThat(bound).as("kept until here: the session writes to them").isNotEmpty();
      return rates;
    } finally {
      JniUtils.deleteSession(session);
      JniUtils.deleteTrtModel(model);
    }
  }

  private static ByteBuffer buffer(long[] shape) {
    long floats = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    return ByteBuffer.allocateDirect(Math.toIntExact(floats * Float.BYTES))
        .order(ByteOrder.nativeOrder());
  }

  private static Rates jpegToBoxes(LoadedModel model) throws Exception {
    ImageBatch batch = model.newBatch();
    DetectionDecoder decoder = model.newDecoder();
    try (Preprocessor preprocessor = model.newPreprocessor()) {
      return Rates.measured(
          () -> {
            fill(batch, preprocessor);
            RawPredictions raw = model.infer(batch);
            for (int slot = 0; slot < BATCH; slot++) {
              decoder.decode(raw, slot, batch.placement(slot));
            }
          });
    }
  }

  private static ImageBatch batch(LoadedModel model) throws Exception {
    ImageBatch batch = model.newBatch();
    try (Preprocessor preprocessor = model.newPreprocessor()) {
      fill(batch, preprocessor);
    }
    return batch;
  }

  private static void fill(ImageBatch batch, Preprocessor preprocessor)
      throws UndecodableImageException {
    for (int slot = 0; slot < BATCH; slot++) {
      preprocessor.preprocess(pictures.get(slot), batch, slot);
    }
    batch.setSize(BATCH);
  }

  private static PlanBuilder builder() throws Exception {
    return PlanBuilder.onThisMachine(
        new PlanCache(plans),
        Path.of(System.getProperty("fovea.plan-builder", "")),
        Optional.ofNullable(System.getProperty("jna.library.path")).map(Path::of));
  }

  private static EngineSettings settings(boolean fp16) {
    return new EngineSettings(
        EngineKind.TENSORRT, 1, BATCH, PictureLimits.DEFAULT, new TensorRtSettings(fp16, plans));
  }

  /** A street at a time each, as JPEG. */
  private static List<byte[]> streets() throws IOException {
    List<byte[]> jpegs = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      StreetScene scene = new StreetScene(StreetSettings.of(7L + i).withSize(640, 360));
      ImageIO.write(scene.render(25L * i), "jpeg", bytes);
      jpegs.add(bytes.toByteArray());
    }
    return jpegs;
  }

  /** Frames a second, a round each, ascending. */
  private record Rates(List<Double> rounds) {

    /** Something that handles a batch. */
    interface Run {
      void run() throws Exception;
    }

    static Rates measured(Run run) throws Exception {
      List<Double> rounds = new ArrayList<>();
      for (int round = -1; round < ROUNDS; round++) {
        long began = System.nanoTime();
        for (int i = 0; i < RUNS; i++) {
          run.run();
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        if (round >= 0) { // The first warms up.
          rounds.add(RUNS * BATCH / seconds);
        }
      }
      return new Rates(rounds.stream().sorted().toList());
    }

    double median() {
      return rounds.get(rounds.size() / 2);
    }

    void print(String what, Rates beside) {
      System.out.printf(
          Locale.ROOT,
          "| %s | %.1f | %.1f–%.1f | %.2f |%n",
          what,
          median(),
          rounds.get(0),
          rounds.get(rounds.size() - 1),
          median() / beside.median());
    }
  }
}
