package dev.fovea.standalone;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The launcher, in a process of its own: PyTorch is on its class path and on no other. */
final class LauncherProcess {
  private LauncherProcess() {}

  /**
   * Starts {@code fovea} with what follows.
   *
   * @param log takes both outputs
   */
  static Process start(Path log, List<String> arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Dfovea.terminal=false",
                "-cp",
                System.getProperty("java.class.path") + ":target/dist/lib-training/*",
                Main.class.getName()));
    command.addAll(arguments);
    ProcessBuilder process = new ProcessBuilder(command).redirectErrorStream(true);
    process.environment().put("OMP_NUM_THREADS", "1");
    return process.redirectOutput(log.toFile()).start();
  }
}
