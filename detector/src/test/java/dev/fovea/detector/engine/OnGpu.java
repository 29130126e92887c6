package dev.fovea.detector.engine;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** What the tests of {@code mvn verify -Pgpu} need of a machine. */
final class OnGpu {
  private OnGpu() {}

  /** Skips with the sentence of {@code fovea engine list} where TensorRT does not run. */
  static void require() {
    Optional<String> missing = EngineSupport.missing(EngineKind.TENSORRT);
    missing.ifPresent(sentence -> System.out.println("Skipped: " + sentence));
    Assumptions.assumeTrue(missing.isEmpty(), missing::get);
  }

  /** Builds plans into a folder, by the program and libraries that the profile names. */
  static PlanBuilder builder(PlanCache cache) throws EngineUnavailableException {
    return PlanBuilder.onThisMachine(
        cache,
        Path.of(System.getProperty("fovea.plan-builder", "")),
        Optional.ofNullable(System.getProperty("jna.library.path")).map(Path::of));
  }
}
