package dev.fovea.detector.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.detector.model.ReleaseFolder;
import dev.fovea.detector.model.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real processes that do what the builder's does, well or badly; shell scripts, with the ONNX file,
 * the plan, the precision and the workspace as their arguments. What TensorRT itself does is for
 * {@code mvn verify -Pgpu} to show.
 */
class PlanBuilderTest {
  private static final Gpu GPU = new Gpu("NVIDIA Stand-in 9000", "9.0", "535.104.05", "8.6.1");

  @TempDir Path folder;

  private final List<String> steps = new CopyOnWriteArrayList<>();
  private PlanCache cache;
  private ReleaseFolder release;

  @BeforeEach
  void openRelease() throws Exception {
    cache = new PlanCache(folder.resolve("plans"));
    release = ReleaseFolder.open(new TinyModel(1).writeTo(folder.resolve("release")));
  }

  @Test
  void aPlanIsBuiltOfTheGraphForTheBatchAndKept() throws Exception {
    PlanBuilder builder =
        builder(
            """
            echo called >> %s
            echo "step: timing layers on the GPU"
            echo "INFO chatter"
            { cat "$1"; echo " $3 $4 $LD_LIBRARY_PATH"; } > "$2"
            """
                .formatted(folder.resolve("calls")));

    PlanBuilder.Plan plan = builder.build(release, true, 3, steps::add);
    PlanBuilder.Plan again = builder.build(release, true, 3, steps::add);

    assertThat(plan.isNew()).isTrue();
    assertThat(again).isEqualTo(new PlanBuilder.Plan(plan.file(), false));
    assertThat(folder.resolve("calls")).hasContent("called");
    assertThat(steps).containsExactly("timing layers on the GPU");
    byte[] onnx = release.graph().withBatch(3);
    byte[] bytes = Files.readAllBytes(plan.file());
    assertThat(bytes).startsWith(onnx);
    assertThat(new String(bytes, onnx.length, bytes.length - onnx.length, UTF_8))
        .startsWith(" fp16 1073741824 /nvidia");
    assertThat(cache.find(new PlanKey(GPU, release.manifest().sha256(), true, 3)))
        .contains(plan.file());
    assertNothingIsLeftButOf("plan and its log", 3);
  }

  @Test
  void anotherBatchOrPrecisionIsAnotherPlan() throws Exception {
    PlanBuilder builder = builder("cp \"$1\" \"$2\"");

    assertThat(builder.build(release, false, 1, steps::add).isNew()).isTrue();
    assertThat(builder.build(release, false, 2, steps::add).isNew()).isTrue();
    assertThat(builder.build(release, true, 1, steps::add).isNew()).isTrue();
    assertThat(builder.build(release, false, 1, steps::add).isNew()).isFalse();
  }

  @Test
  void whatTensorRtRefusesIsOneSentence() throws Exception {
    PlanBuilder builder =
        builder("echo 'error: TensorRT does not read the graph: node 7: no NonZero'; exit 1");

    assertThatThrownBy(() -> builder.build(release, false, 4, steps::add))
        .isInstanceOf(PlanBuildException.class)
        .hasMessage(
            "release %s: no plan for batches of 4, fp32: TensorRT does not read the graph: node 7:"
                    .formatted(release.folder())
                + " no NonZero (all it said: "
                + cache.folder().resolve(key(false, 4).fileName() + ".log")
                + ")");
    assertNothingIsLeftButOf("the log", 1);
  }

  @Test
  void aProcessThatNativeCodeEndsIsASentenceAndThisOneLives() throws Exception {
    PlanBuilder builder = builder("echo half > \"$2\"; kill -ABRT $$");

    assertThatThrownBy(() -> builder.build(release, false, 4, steps::add))
        .isInstanceOf(PlanBuildException.class)
        .hasMessageContaining("the process that built it ended with status 134, as native code")
        .hasMessageContaining(".log");
    assertThat(cache.find(key(false, 4))).isEmpty();
    assertNothingIsLeftButOf("the log", 1);
  }

  @Test
  void aBuildThatIsInterruptedLeavesNoProcessAndNoPlan() throws Exception {
    PlanBuilder builder =
        builder("echo $$ > %s; echo 'step: x'; exec sleep 600".formatted(folder.resolve("pid")));
    ExecutorService thread = Executors.newSingleThreadExecutor();
    Future<?> building = thread.submit(() -> builder.build(release, false, 4, steps::add));
    Awaitility.await()
        .atMost(20, TimeUnit.SECONDS)
        .until(() -> Files.exists(pid()) && !steps.isEmpty());
    ProcessHandle process =
        ProcessHandle.of(Long.parseLong(Files.readString(pid()).strip())).orElseThrow();

    thread.shutdownNow();

    Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> !process.isAlive());
    assertThatThrownBy(() -> building.get(20, TimeUnit.SECONDS))
        .hasCauseInstanceOf(InterruptedException.class);
    assertThat(cache.find(key(false, 4))).isEmpty();
  }

  private Path pid() {
    return folder.resolve("pid");
  }

  private PlanKey key(boolean fp16, int batch) {
    return new PlanKey(GPU, release.manifest().sha256(), fp16, batch);
  }

  private PlanBuilder builder(String script) {
    return new PlanBuilder(
        cache, GPU, List.of("bash", "-c", script, "builder"), Optional.of(Path.of("/nvidia")));
  }

  private void assertNothingIsLeftButOf(String what, int files) throws IOException {
    try (Stream<Path> left = Files.walk(cache.folder())) {
      assertThat(left.filter(path -> !path.equals(cache.folder()))).as(what).hasSize(files);
    }
  }
}
