package dev.fovea.standalone;

import com.typesafe.config.ConfigFactory;
import dev.fovea.detector.DetectorConfig;
import dev.fovea.detector.stream.DetectorMetrics;
import dev.fovea.detector.stream.DetectorPipeline;
import dev.fovea.detector.stream.KafkaClients;
import dev.fovea.detector.stream.LiveModel;
import dev.fovea.schema.StrictConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** The real pipeline around a {@link ScriptedModel}: in this JVM, or in one that can be killed. */
final class ScriptedDetector implements AutoCloseable {
  static final String VERSION = "1";
  private static final long MILLIS_PER_PICTURE = 3;

  private final DetectorMetrics metrics = new DetectorMetrics();
  private final DetectorPipeline pipeline;

  /**
   * @param config a detector's configuration; what it says of models is not used
   */
  ScriptedDetector(String config) {
    DetectorConfig all =
        DetectorConfig.from(
            StrictConfig.load(DetectorConfig.class, ConfigFactory.parseString(config)));
    LiveModel model = new LiveModel(new ScriptedModel(VERSION, MILLIS_PER_PICTURE));
    KafkaClients clients =
        new KafkaClients(all.kafka(), all.stream(), UUID.randomUUID().toString());
    this.pipeline = new DetectorPipeline(all.kafka(), clients, all.stream(), model, metrics);
    pipeline.start();
  }

  DetectorMetrics metrics() {
    return metrics;
  }

  void awaitTermination() throws InterruptedException {
    pipeline.awaitTermination();
  }

  @Override
  public void close() {
    pipeline.close();
  }

  /** Starts one in a JVM of its own; what it prints goes to {@code log}. */
  static Process startProcess(String config, Path log) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(ScriptedDetector.class.getName(), config));
    Files.createDirectories(log.getParent());
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  /** The other JVM: runs until it is killed, or exits with 1 if the detector stops. */
  public static void main(String[] config) throws InterruptedException {
    ScriptedDetector detector = new ScriptedDetector(config[0]);
    try {
      detector.awaitTermination();
    } catch (IllegalStateException e) {
      System.exit(1);
    }
  }
}
