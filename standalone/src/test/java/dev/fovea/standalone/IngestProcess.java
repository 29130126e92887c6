package dev.fovea.standalone;

import com.typesafe.config.ConfigFactory;
import dev.fovea.ingest.IngestConfig;
import dev.fovea.ingest.Main;
import dev.fovea.schema.StrictConfig;
import java.nio.file.Path;
import java.util.List;

/** An ingest service in a process of its own, so that a test can kill it. */
final class IngestProcess {
  private IngestProcess() {}

  /** Runs ingest with the configuration in {@code args[0]} until the process is killed. */
  public static void main(String[] args) throws Exception {
    try (Main ingest = Main.start(config(args[0]))) {
      ingest.awaitTermination();
    }
  }

  static IngestConfig config(String hocon) {
    return IngestConfig.from(
        StrictConfig.load(IngestConfig.class, ConfigFactory.parseString(hocon)));
  }

  static Process start(String hocon, Path log) throws Exception {
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                IngestProcess.class.getName(),
                hocon))
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }
}
