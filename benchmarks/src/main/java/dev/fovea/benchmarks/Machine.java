package dev.fovea.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Where a figure was measured. */
final class Machine {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  private Machine() {}

  /** Such as {@code 2 cores of AMD EPYC 7B13, Java 17.0.12, 2026-11-24T20:00:00Z}. */
  static String describe() throws IOException {
    String cpu = System.getProperty("os.arch");
    if (Files.isReadable(CPU_INFO)) {
      cpu =
          Files.readAllLines(CPU_INFO).stream()
              .filter(line -> line.startsWith("model name"))
              .map(line -> line.substring(line.indexOf(':') + 1).strip())
              .findFirst()
              .orElse(cpu);
    }
    return "%d cores of %s, Java %s, %s"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            cpu,
            System.getProperty("java.version"),
            Instant.now().truncatedTo(ChronoUnit.SECONDS));
  }
}
