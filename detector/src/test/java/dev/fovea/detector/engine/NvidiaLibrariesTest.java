package dev.fovea.detector.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.NativeLibrary;
import dev.fovea.detector.model.PictureLimits;
import dev.fovea.detector.model.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NvidiaLibrariesTest {
  private static final String OTHERWISE =
      "; set engine = onnxruntime to run on the CPU, or install what is missing"
          + " (`fovea engine install tensorrt` fetches CUDA 12's runtime and TensorRT).";

  @TempDir Path folder;

  /** JNA keeps libraries by their file names too: stand-ins must not outlive their test there. */
  @AfterEach
  void unloadStandIns() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().matches(".*[.]so[.][0-9]+")).toList()) {
        try {
          NativeLibrary.getInstance(file.toString()).close();
        } catch (UnsatisfiedLinkError notALibrary) {
          assertThat(file).hasContent("not a library");
        }
      }
    }
  }

  @Test
  void aMachineWithoutADriverIsToldSoInOneSentenceAndTheJvmLives() {
    Assumptions.assumeFalse(
        Files.exists(Path.of("/proc/driver/nvidia/version")), "this machine has an NVIDIA driver");
    Path release = new TinyModel(1).writeTo(folder);
    EngineSettings settings =
        new EngineSettings(
            EngineKind.TENSORRT, 1, 4, PictureLimits.DEFAULT, TensorRtSettings.usual());

    assertThatThrownBy(() -> LoadedModel.load(release, settings))
        .isInstanceOf(EngineUnavailableException.class)
        .hasMessage(
            "engine = tensorrt needs an NVIDIA driver: libcuda.so.1 is not on this machine"
                + OTHERWISE);
  }

  @Test
  void aDriverThatDoesNotLoadIsNamed() throws Exception {
    Path driver = Files.writeString(folder.resolve("libcuda.so.1"), "not a library");

    assertThatThrownBy(() -> libraries(driver).require())
        .isInstanceOf(EngineUnavailableException.class)
        .hasMessageStartingWith(
            "engine = tensorrt needs an NVIDIA driver: " + driver + " does not load: ")
        .hasMessageEndingWith(OTHERWISE);
  }

  @Test
  void aDriverThatDoesNotStartIsTheReasonGiven() throws Exception {
    Path driver = driver(100);

    assertThatThrownBy(() -> libraries(driver).require())
        .hasMessage(
            "engine = tensorrt needs a working NVIDIA driver: cuInit answers error 100"
                + OTHERWISE);
  }

  @Test
  void aLibraryThatIsNotNvidiasIsNotCalled() throws Exception {
    Path driver = CStub.compile(folder.resolve("libcuda.so.1"), "int other(void) { return 0; }");

    assertThatThrownBy(() -> libraries(driver).require())
        .isInstanceOf(EngineUnavailableException.class)
        .hasMessageContaining("it has no cuInit");
  }

  @Test
  void cudasRuntimeIsMissedNext() throws Exception {
    Path driver = driver(0);

    assertThatThrownBy(() -> libraries(driver).require())
        .hasMessage(
            "engine = tensorrt needs CUDA 12's runtime: libcudart.so.12 is not in ["
                + folder
                + "]"
                + OTHERWISE);
  }

  @Test
  void aMachineWithoutADeviceIsToldSo() throws Exception {
    Path driver = driver(0);
    runtime(0, 0);

    assertThatThrownBy(() -> libraries(driver).require())
        .hasMessage("engine = tensorrt needs an NVIDIA GPU: none is on this machine" + OTHERWISE);
  }

  @Test
  void aDriverTooOldForTheRuntimeIsTheReasonGiven() throws Exception {
    Path driver = driver(0);
    runtime(35, 0);

    assertThatThrownBy(() -> libraries(driver).require())
        .hasMessage(
            "engine = tensorrt needs an NVIDIA GPU: cudaGetDeviceCount answers error 35"
                + OTHERWISE);
  }

  @Test
  void tensorRtsLibrariesAreMissedByName() throws Exception {
    Path driver = driver(0);
    runtime(0, 1);
    library("libnvinfer.so.8");
    library("libnvonnxparser.so.8");

    assertThatThrownBy(() -> libraries(driver).require())
        .hasMessage(
            "engine = tensorrt needs TensorRT 8.6: libnvinfer_plugin.so.8 is not in ["
                + folder
                + "]"
                + OTHERWISE);
  }

  @Test
  void theGpuIsIdentifiedByWhatAPlanDependsOn() throws Exception {
    Path driver =
        CStub.compile(
            folder.resolve("libcuda.so.1"),
            """
            #include <string.h>
            int cuInit(unsigned flags) { return 0; }
            int cuDeviceGet(int *device, int ordinal) { *device = 7; return ordinal; }
            int cuDeviceGetName(char *name, int length, int device) {
              strncpy(name, "NVIDIA Stand-in 9000", length);
              return device - 7;
            }
            int cuDeviceGetAttribute(int *value, int attribute, int device) {
              *value = attribute == 75 ? 9 : attribute == 76 ? 1 : -1;
              return device - 7;
            }
            int cuDriverGetVersion(int *version) { *version = 12020; return 0; }
            """);
    runtime(0, 1);
    CStub.compile(
        folder.resolve("libnvinfer.so.8"), "int getInferLibVersion(void) { return 8601; }");
    library("libnvinfer_plugin.so.8");
    library("libnvonnxparser.so.8");
    Path kernelModule = Path.of("/sys/module/nvidia/version");

    Gpu gpu = libraries(driver).gpu();

    String version =
        Files.exists(kernelModule) ? Files.readString(kernelModule).strip() : "cuda12.2";
    assertThat(gpu).isEqualTo(new Gpu("NVIDIA Stand-in 9000", "9.1", version, "8.6.1"));
  }

  @Test
  void aDriverThatDoesNotNameItsGpuIsTheReasonGiven() throws Exception {
    Path driver =
        CStub.compile(
            folder.resolve("libcuda.so.1"),
            """
            int cuInit(unsigned flags) { return 0; }
            int cuDeviceGet(int *device, int ordinal) { return 999; }
            """);
    runtime(0, 1);
    library("libnvinfer.so.8");
    library("libnvinfer_plugin.so.8");
    library("libnvonnxparser.so.8");

    assertThatThrownBy(() -> libraries(driver).gpu())
        .hasMessage(
            "engine = tensorrt needs a working NVIDIA driver: cuDeviceGet answers error 999"
                + OTHERWISE);
  }

  @Test
  void aMachineWithAllOfThemPasses() throws Exception {
    Path driver = driver(0);
    runtime(0, 2);
    library("libnvinfer.so.8");
    library("libnvinfer_plugin.so.8");
    library("libnvonnxparser.so.8");

    assertThatCode(() -> libraries(driver).require()).doesNotThrowAnyException();
  }

  private NvidiaLibraries libraries(Path driver) {
    return new NvidiaLibraries(driver.toString(), List.of(folder), false);
  }

  private Path driver(int answer) throws Exception {
    return CStub.compile(
        folder.resolve("libcuda.so.1"),
        "int cuInit(unsigned flags) { return flags == 0 ? %d : -1; }".formatted(answer));
  }

  private void runtime(int answer, int devices) throws Exception {
    CStub.compile(
        folder.resolve("libcudart.so.12"),
        "int cudaGetDeviceCount(int *count) { *count = %d; return %d; }"
            .formatted(devices, answer));
  }

  private void library(String name) throws Exception {
    CStub.compile(folder.resolve(name), "int present(void) { return 1; }");
  }
}
