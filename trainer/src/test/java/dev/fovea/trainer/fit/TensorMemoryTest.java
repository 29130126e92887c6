package dev.fovea.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.fovea.trainer.TinyRun;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TensorMemoryTest {
  @BeforeAll
  static void engine() {
    TinyRun.quietEngine();
  }

  @Test
  void whatIsWrittenIsInTheTensorAlsoOfOneThatLearns() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      NDArray tensor = manager.create(new float[] {1, 2, 3, 4, 5});
      tensor.setRequiresGradient(true);
      TensorMemory memory = TensorMemory.of(tensor);
      float[] stretch = new float[3];

      memory.read(1, stretch, 3);
      memory.write(3, new float[] {40, 50, 60}, 2);

      assertThat(memory.length()).isEqualTo(5);
      assertThat(stretch).containsExactly(2, 3, 4);
      assertThat(tensor.toFloatArray()).containsExactly(1, 2, 3, 40, 50);
    }
  }

  @Test
  void tensorsOfAnythingElseAreRefused() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      NDArray counts = manager.create(new int[] {1});
      assertThatThrownBy(() -> TensorMemory.of(counts))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a tensor of int32 on cpu(), not of floats on the CPU");
    }
  }
}
