package dev.fovea.detector.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanCacheTest {
  private static final Gpu GPU = new Gpu("NVIDIA H100 80GB HBM3", "9.0", "535.104.05", "8.6.1");
  private static final PlanKey KEY = new PlanKey(GPU, "ab".repeat(32), true, 4);

  @TempDir Path folder;

  @Test
  void aPlanIsFoundForExactlyWhatItWasBuiltFor() throws IOException {
    PlanCache cache = new PlanCache(folder.resolve("plans"));
    assertThat(cache.find(KEY)).isEmpty();

    Path plan = cache.add(KEY, Files.writeString(cache.scratch(KEY), "a plan"));

    assertThat(cache.find(KEY)).contains(plan);
    assertThat(plan)
        .hasContent("a plan")
        .hasFileName(
            "nvidia-h100-80gb-hbm3_sm9.0_driver535.104.05_trt8.6.1_abababababab_fp16_batch4.trt");
    for (PlanKey other :
        List.of(
            new PlanKey(GPU, "ac".repeat(32), true, 4),
            new PlanKey(GPU, KEY.modelSha256(), false, 4),
            new PlanKey(GPU, KEY.modelSha256(), true, 8),
            of(new Gpu("NVIDIA L4", "9.0", "535.104.05", "8.6.1")),
            of(new Gpu(GPU.name(), "8.9", "535.104.05", "8.6.1")),
            of(new Gpu(GPU.name(), "9.0", "550.54.15", "8.6.1")),
            of(new Gpu(GPU.name(), "9.0", "535.104.05", "8.6.2")))) {
      assertThat(cache.find(other)).as("%s", other).isEmpty();
    }
  }

  private static PlanKey of(Gpu gpu) {
    return new PlanKey(gpu, KEY.modelSha256(), KEY.fp16(), KEY.batch());
  }

  /** Two models whose sums begin alike have one file name; the whole sum is in the properties. */
  @Test
  void aPlanWhoseNameAloneFitsIsAnothers() throws IOException {
    PlanCache cache = new PlanCache(folder);
    cache.add(KEY, Files.writeString(cache.scratch(KEY), "a plan"));
    PlanKey twin = new PlanKey(GPU, "ab".repeat(6) + "c".repeat(52), true, 4);
    assertThat(twin.fileName()).isEqualTo(KEY.fileName());

    assertThat(cache.find(twin)).isEmpty();
  }

  @Test
  void aPlanThatIsDamagedOrHalfThereIsAsGoodAsNone() throws IOException {
    PlanCache cache = new PlanCache(folder);
    Path plan = cache.add(KEY, Files.writeString(cache.scratch(KEY), "a plan"));
    Path about = plan.resolveSibling(KEY.fileName() + ".properties");
    String said = Files.readString(about);

    Files.writeString(plan, "a plam");
    assertThat(cache.find(KEY)).as("another byte").isEmpty();
    Files.writeString(plan, "a pla");
    assertThat(cache.find(KEY)).as("cut").isEmpty();
    Files.writeString(plan, "a plan");
    Files.writeString(about, said.replaceAll("sha256=.*", ""));
    assertThat(cache.find(KEY)).as("no sum").isEmpty();
    Files.writeString(about, "\\u00zz");
    assertThat(cache.find(KEY)).as("no properties").isEmpty();
    Files.writeString(about, said);
    assertThat(cache.find(KEY)).as("whole again").contains(plan);
    Files.delete(about);
    assertThat(cache.find(KEY)).as("nothing said of it").isEmpty();
  }

  @Test
  void aPlanThatIsBuiltAgainTakesTheOldOnesPlace() throws IOException {
    PlanCache cache = new PlanCache(folder);
    cache.add(KEY, Files.writeString(cache.scratch(KEY), "a plan"));

    Path plan = cache.add(KEY, Files.writeString(cache.scratch(KEY), "a better plan"));

    assertThat(cache.find(KEY)).contains(plan);
    assertThat(plan).hasContent("a better plan");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.filter(Files::isRegularFile)).hasSize(2);
    }
  }
}
