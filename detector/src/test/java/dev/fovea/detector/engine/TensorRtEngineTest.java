package dev.fovea.detector.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.detector.model.ImageBatch;
import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.model.PictureLimits;
import dev.fovea.detector.model.ReleaseFolder;
import dev.fovea.detector.model.TinyModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The contract on a stand-in for DJL's native library (src/test/c/djl_trt_stub.c), which proves the
 * Java side: DJL's engine, the batch written into the graph, padding, the copies, options by
 * presence. On TensorRT itself it is run by {@code mvn verify -Pgpu}, in another JVM: DJL loads its
 * native library once.
 */
class TensorRtEngineTest extends InferenceEngineContract {
  /** Where DJL 0.33.0 keeps and first looks for the native library it would unpack. */
  private static final String JNI_LIBRARY = "tensorrt/8.4.1-0.33.0-linux-x86_64/libdjl_trt.so";

  @TempDir static Path cache;

  @BeforeAll
  static void buildStandIn() throws Exception {
    Path include = Path.of(System.getProperty("java.home"), "include");
    Assumptions.assumeTrue(
        Files.exists(include.resolve("jni.h")), "this JDK has no jni.h: no stand-in is built");
    Path library = cache.resolve(JNI_LIBRARY);
    Files.createDirectories(library.getParent());
    Files.writeString(
        library.resolveSibling("tiny_weights.h"),
        new TinyModel(SEED).asCHeader() + "#define CALLS_FILE \"%s\"\n".formatted(callsFile()));
    CStub.compile(
        library,
        Files.readString(Path.of("src/test/c/djl_trt_stub.c")),
        "-I" + include,
        "-I" + include.resolve("linux"));
    System.setProperty("ENGINE_CACHE_DIR", cache.toString());
  }

  @AfterAll
  static void forgetStandIn() {
    System.clearProperty("ENGINE_CACHE_DIR");
  }

  private static Path callsFile() {
    return cache.resolve("calls.txt");
  }

  @Override
  InferenceEngine load(ReleaseFolder release, int maxBatch) throws ModelLoadException {
    return load(release, maxBatch, false, null);
  }

  private static InferenceEngine load(
      ReleaseFolder release, int maxBatch, boolean fp16, @Nullable Path plan)
      throws ModelLoadException {
    return TensorRtEngine.loadUnchecked(release, settings(maxBatch, fp16), plan);
  }

  private static EngineSettings settings(int maxBatch, boolean fp16) {
    return new EngineSettings(
        EngineKind.TENSORRT,
        1,
        maxBatch,
        PictureLimits.DEFAULT,
        new TensorRtSettings(fp16, cache.resolve("plans")));
  }

  @Test
  void saysThatItRunsOnTheGpu() throws ModelLoadException {
    try (InferenceEngine engine = load(ReleaseFolder.open(folder), 1)) {
      assertThat(engine.name()).isEqualTo("tensorrt:gpu");
    }
  }

  @Test
  void theGraphIsWrittenForTheBatchAndHalfPrecisionIsAskedForOnlyIfWanted() throws Exception {
    ReleaseFolder release = ReleaseFolder.open(folder);
    Files.writeString(callsFile(), "");

    load(release, 3, false, null).close();
    load(release, 7, true, null).close();

    assertThat(Files.readString(callsFile()))
        .isEqualTo("load type 0, device 0, batch 3\nload type 0, device 0, batch 7, fp16\n");
  }

  @Test
  void aPlanIsLoadedAsOne() throws Exception {
    Path plan = Files.writeString(folder.resolve("tiny.trt"), "plan for batch 2");
    Files.writeString(callsFile(), "");

    try (InferenceEngine engine = load(ReleaseFolder.open(folder), 2, false, plan)) {
      ImageBatch batch = new ImageBatch(2, TinyModel.WIDTH_PX, TinyModel.HEIGHT_PX);
      batch.setSize(1);
      assertThat(engine.infer(batch).images()).isEqualTo(1);
    }

    assertThat(Files.readString(callsFile())).isEqualTo("load type 2, device 0, batch 2\n");
  }

  @Test
  void aPlanThatIsKeptForThisGpuAndModelIsTheOneThatIsLoaded() throws Exception {
    ReleaseFolder release = ReleaseFolder.open(folder);
    Gpu gpu = new Gpu("NVIDIA Stand-in 9000", "9.0", "535.104.05", "8.6.1");
    PlanCache plans = new PlanCache(cache.resolve("plans"));
    PlanKey key = new PlanKey(gpu, release.manifest().sha256(), false, 2);
    assertThat(TensorRtEngine.plan(gpu, release, settings(2, false))).isNull();

    Path kept = plans.add(key, Files.writeString(plans.scratch(key), "plan for batch 2"));

    assertThat(TensorRtEngine.plan(gpu, release, settings(2, false))).isEqualTo(kept);
    assertThat(TensorRtEngine.plan(gpu, release, settings(2, true))).isNull();
    assertThat(TensorRtEngine.plan(gpu, release, settings(3, false))).isNull();
    Files.writeString(callsFile(), "");
    load(release, 2, false, kept).close();
    assertThat(Files.readString(callsFile())).isEqualTo("load type 2, device 0, batch 2\n");
  }

  @Test
  void aPlanForAnotherBatchFailsAtTheRunWithTheShapes() throws Exception {
    Path plan = Files.writeString(folder.resolve("tiny.trt"), "plan for batch 8");

    try (InferenceEngine engine = load(ReleaseFolder.open(folder), 2, false, plan)) {
      ImageBatch batch = new ImageBatch(2, TinyModel.WIDTH_PX, TinyModel.HEIGHT_PX);
      batch.setSize(2);
      assertThatThrownBy(() -> engine.infer(batch))
          .isInstanceOf(InferenceException.class)
          .hasMessageContaining("(2, 3, 64, 96)")
          .hasMessageContaining("(8, 3, 64, 96)");
    }
  }

  @Test
  void aPlanThatIsNoneIsRefusedWithItsName() throws Exception {
    Path plan = Files.writeString(folder.resolve("tiny.trt"), "no plan");
    ReleaseFolder release = ReleaseFolder.open(folder);

    assertThatThrownBy(() -> load(release, 2, false, plan))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageStartingWith("release " + folder + ": " + plan + " is refused by TensorRT: ");
  }

  @Test
  void theGraphsTemporaryFileIsRemoved() throws Exception {
    ReleaseFolder release = ReleaseFolder.open(folder);
    List<String> before = temporaryFolders();

    load(release, 2, false, null).close();

    assertThat(temporaryFolders()).isEqualTo(before);
  }

  private static List<String> temporaryFolders() throws Exception {
    try (var files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("fovea-tensorrt"))
          .sorted()
          .toList();
    }
  }
}
