package dev.fovea.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.detector.engine.EngineKind;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BundledModelTest {
  private static final Path MODELS = Path.of("../models").toAbsolutePath().normalize();

  @BeforeEach
  void setHome() {
    System.setProperty("fovea.home", "..");
  }

  @AfterEach
  void clearHome() {
    System.clearProperty("fovea.home");
  }

  @Test
  void drawnStreetsAndCamerasHaveTheirOwnModels() {
    assertThat(
            BundledModel.forSources(
                List.of("synthetic:?seed=1", "synthetic:"), EngineKind.ONNXRUNTIME))
        .isEqualTo(MODELS.resolve("street-synthetic-int8"));
    assertThat(
            BundledModel.forSources(
                List.of("synthetic:", "rtsp://10.0.0.7/s1"), EngineKind.ONNXRUNTIME))
        .isEqualTo(MODELS.resolve("street-int8"));
    assertThat(BundledModel.forSources(List.of("clip.mp4"), EngineKind.TENSORRT))
        .isEqualTo(MODELS.resolve("street"));
  }

  @Test
  void aModelIsNamedByFolderOrName() {
    assertThat(BundledModel.named("street", EngineKind.ONNXRUNTIME))
        .isEqualTo(MODELS.resolve("street-int8"));
    assertThat(BundledModel.named("street", EngineKind.TENSORRT))
        .isEqualTo(MODELS.resolve("street"));
    assertThat(BundledModel.named("../models/street", EngineKind.ONNXRUNTIME).normalize())
        .as("a folder is taken as it is")
        .isEqualTo(MODELS.resolve("street"));
  }

  @Test
  void whatIsNeitherIsToldWithWhatThereIs() {
    assertThatThrownBy(() -> BundledModel.named("streets", EngineKind.ONNXRUNTIME))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("streets: no manifest.json there")
        .hasMessageContaining("street-int8, street-synthetic, street-synthetic-int8");
  }
}
