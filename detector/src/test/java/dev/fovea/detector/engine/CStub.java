package dev.fovea.detector.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** Shared libraries made by a test with gcc, standing in for NVIDIA's. */
final class CStub {
  private CStub() {}

  /** Compiles C source to a shared library; skips the test where there is no gcc. */
  static Path compile(Path library, String source, String... options)
      throws IOException, InterruptedException {
    Assumptions.assumeTrue(
        Arrays.stream(String.valueOf(System.getenv("PATH")).split(":", -1))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "gcc"))),
        "gcc is missing: NVIDIA's libraries are not stood in for");
    Path file = library.resolveSibling(library.getFileName() + ".c");
    Files.createDirectories(library.toAbsolutePath().getParent());
    Files.writeString(file, source);
    List<String> command =
        new ArrayList<>(List.of("gcc", "-shared", "-fPIC", "-O1", "-o", library.toString()));
    command.addAll(List.of(options));
    command.add(file.toString());
    Process gcc = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (gcc.waitFor() != 0) {
      throw new AssertionError("gcc: " + output);
    }
    return library;
  }
}
