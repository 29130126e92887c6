package dev.fovea.standalone.drift;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/**
 * {@code fovea trainer} as a process of its own: PyTorch stays off the detector's class path, and
 * whatever becomes of a training leaves the cameras alone. It gives way to the detector where
 * processors are short.
 */
final class TrainerProcess implements AutoCloseable {
  private static final Path NICE = Path.of("/usr/bin/nice");
  private static final long SECONDS_TO_STOP = 12;

  private final Process process;

  private TrainerProcess(Process process) {
    this.process = process;
  }

  /**
   * Starts it.
   *
   * @param log what it says goes there
   */
  static TrainerProcess start(String classPath, Path config, Path log) throws IOException {
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(NICE)) {
      command.addAll(List.of(NICE.toString(), "-n", "5"));
    }
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Djava.awt.headless=true",
            "-Dfovea.terminal=false",
            "-cp",
            classPath,
            TrainerChild.class.getName(),
            "trainer",
            "--config",
            config.toString()));
    return new TrainerProcess(
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start());
  }

  /** Its exit status; empty while it runs. */
  OptionalInt ended() {
    return process.isAlive() ? OptionalInt.empty() : OptionalInt.of(process.exitValue());
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (process.waitFor(SECONDS_TO_STOP, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
