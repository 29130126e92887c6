package dev.fovea.standalone;

import com.typesafe.config.ConfigFactory;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.trainer.labels.AnnotationReader;
import dev.fovea.trainer.labels.DeadLetterWriter;
import dev.fovea.trainer.labels.LabelArchive;
import dev.fovea.trainer.labels.LabelSettings;
import java.nio.file.Path;
import java.util.List;

/** Annotations into an archive, version after version, in a process that a test can kill. */
final class LabelReaderProcess {
  private LabelReaderProcess() {}

  /**
   * Runs on the topics of {@code args[0]} and the archive in {@code args[1]} until it is killed.
   */
  public static void main(String[] args) throws Exception {
    LabelSettings rules = LabelSettings.defaults();
    KafkaSettings kafka = KafkaSettings.from(ConfigFactory.parseString(args[0]));
    try (LabelArchive archive = LabelArchive.open(Path.of(args[1]), rules);
        DeadLetterWriter letters = new DeadLetterWriter(kafka);
        AnnotationReader reader = new AnnotationReader(kafka, archive, rules, letters)) {
      while (true) {
        reader.drain();
        reader.cut();
      }
    }
  }

  static Process start(String hocon, Path archive, Path log) throws Exception {
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                LabelReaderProcess.class.getName(),
                hocon,
                archive.toString()))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }
}
