package dev.fovea.standalone.sink;

import com.typesafe.config.ConfigFactory;
import dev.fovea.schema.StrictConfig;
import dev.fovea.sink.Main;
import dev.fovea.sink.SinkConfig;
import java.io.IOException;
import java.nio.file.Path;

/** A sink in a process of its own, so that a test can kill it or bound its files. */
final class SinkProcess {
  private SinkProcess() {}

  /** Runs a sink with the configuration in {@code args[0]} until it is killed or stops. */
  public static void main(String[] args) throws InterruptedException {
    try (Main sink = Main.start(config(args[0]))) {
      sink.awaitTermination();
    } catch (IllegalStateException e) {
      System.out.println("stopped: " + e.getMessage());
      System.exit(1);
    }
  }

  static SinkConfig config(String hocon) {
    return SinkConfig.from(StrictConfig.load(SinkConfig.class, ConfigFactory.parseString(hocon)));
  }

  static Process start(String hocon, Path log) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            SinkProcess.class.getName(),
            hocon)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }
}
