package dev.fovea.benchmarks;

import dev.fovea.standalone.command.OneSentenceErrors;
import dev.fovea.standalone.command.VersionProvider;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code fovea bench} command. */
@Command(
    name = "fovea bench",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class,
    synopsisSubcommandLabel = "BENCHMARK",
    header = "How fast Fovea is on this machine, beside something named.%n",
    description = {
      "Contenders run in turn, several rounds after one that does not count; the figures are"
          + " medians. Nothing else should run meanwhile."
    },
    commandListHeading = "%nBenchmarks:%n",
    subcommands = {
      DetectorBench.class,
      IngestBench.class,
      AuditBench.class,
      TrainerBench.class,
      MicroBench.class
    })
public final class Main {
  private static final String LOGBACK = "logback.configurationFile";

  private Main() {}

  public static void main(String[] args) {
    if (System.getProperty(LOGBACK) == null) {
      System.setProperty(LOGBACK, "dev/fovea/benchmarks/logback-bench.xml");
    }
    System.exit(
        new CommandLine(new Main())
            .setExecutionExceptionHandler(new OneSentenceErrors())
            .setUsageHelpAutoWidth(true)
            .execute(args));
  }
}
