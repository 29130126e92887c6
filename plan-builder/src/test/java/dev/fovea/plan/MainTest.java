package dev.fovea.plan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process as it is started; what it builds is for a machine with a GPU to show. */
class MainTest {
  @TempDir Path folder;

  @Test
  void withoutNvidiasLibrariesItSaysWhichOneDoesNotLoadAndWritesNothing() throws Exception {
    Assumptions.assumeFalse(
        Files.exists(Path.of("/proc/driver/nvidia/version")), "this machine has an NVIDIA driver");
    Path plan = folder.resolve("model.trt");

    Process process = start(folder.resolve("model.onnx").toString(), plan.toString(), "fp32", "1");

    assertThat(said(process))
        .last()
        .asString()
        .startsWith("error: TensorRT's libraries do not load: ")
        .contains(".so");
    assertThat(process.exitValue()).isEqualTo(1);
    assertThat(plan).doesNotExist();
  }

  @Test
  void wrongArgumentsAreSaid() throws Exception {
    Process process = start("model.onnx");

    assertThat(said(process)).containsExactly("error: wants ONNX PLAN fp32|fp16 WORKSPACE_BYTES");
    assertThat(process.exitValue()).isEqualTo(2);
  }

  private static List<String> said(Process process) throws Exception {
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return said.lines().toList();
  }

  private Process start(String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Dorg.bytedeco.javacpp.cachedir=" + folder.resolve("javacpp"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }
}
