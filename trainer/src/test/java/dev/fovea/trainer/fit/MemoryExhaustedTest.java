package dev.fovea.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.fovea.trainer.TinyRun;
import dev.fovea.trainer.TrainSettings;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class MemoryExhaustedTest {
  private static final TrainSettings SETTINGS = TinyRun.settings(Map.of());

  @BeforeAll
  static void engine() {
    TinyRun.quietEngine();
  }

  /** A tensor of a pebibyte: PyTorch's own allocator refuses, and says so in its own words. */
  @Test
  void pyTorchsRefusalNamesWhatToLower() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      Throwable refused = catchThrowable(() -> manager.zeros(new Shape(1L << 48)));
      assertThat(MemoryExhausted.of(refused, SETTINGS, 7))
          .get()
          .satisfies(
              advice ->
                  assertThat(advice)
                      .hasMessageContaining("at step 7")
                      .hasMessageContaining("schedule.batch (4)")
                      .hasMessageContaining("input.width and input.height (64x64)"));
    }
  }

  @Test
  void aFullHeapNamesTheCacheFirst() {
    Throwable full = catchThrowable(() -> assertThat(new long[Integer.MAX_VALUE]).isEmpty());
    assertThat(full).isInstanceOf(OutOfMemoryError.class);
    assertThat(MemoryExhausted.of(new IllegalStateException(full), SETTINGS, 3))
        .get()
        .satisfies(
            advice ->
                assertThat(advice)
                    .hasMessageContaining("Java's heap")
                    .hasMessageContaining("lower schedule.cache-mb (3000)"));
  }

  @Test
  void anotherFailureIsNoneOfMemory() {
    assertThat(MemoryExhausted.of(new IllegalStateException("disk full"), SETTINGS, 3)).isEmpty();
  }
}
