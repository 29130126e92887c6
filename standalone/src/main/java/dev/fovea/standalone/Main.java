package dev.fovea.standalone;

import dev.fovea.standalone.command.AnnotateCommand;
import dev.fovea.standalone.command.AuditCommand;
import dev.fovea.standalone.command.CompletionCommand;
import dev.fovea.standalone.command.ConfigCommand;
import dev.fovea.standalone.command.DemoCommand;
import dev.fovea.standalone.command.DetectCommand;
import dev.fovea.standalone.command.DetectorCommand;
import dev.fovea.standalone.command.EngineCommand;
import dev.fovea.standalone.command.EvaluateCommand;
import dev.fovea.standalone.command.ExperimentCommand;
import dev.fovea.standalone.command.ExportCommand;
import dev.fovea.standalone.command.ImportCommand;
import dev.fovea.standalone.command.IngestCommand;
import dev.fovea.standalone.command.ModelsCommand;
import dev.fovea.standalone.command.OneSentenceErrors;
import dev.fovea.standalone.command.QuantizeCommand;
import dev.fovea.standalone.command.SinkCommand;
import dev.fovea.standalone.command.SynthesizeCommand;
import dev.fovea.standalone.command.TrainCommand;
import dev.fovea.standalone.command.TrainerCommand;
import dev.fovea.standalone.command.VersionProvider;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The {@code fovea} command. Its sub-commands are small: each reads its options and wires classes
 * of other modules.
 */
@Command(
    name = "fovea",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class,
    synopsisSubcommandLabel = "COMMAND",
    header = "Streaming object detection on Kafka.%n",
    description = {
      "%nCameras are decoded into Kafka, detectors find objects in the frames, and a sink serves "
          + "the detections as a live dashboard, REST and SQL.%n"
    },
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "Start here:",
      "  fovea demo                              two drawn streets, everything in one process",
      "  fovea demo --camera lot=rtsp://10.0.0.7/stream1",
      "  fovea detect --source clip.mp4 --draw out/",
      "",
      "How fast it is on this machine: fovea bench --help",
      "",
      "`fovea COMMAND --help` says more about each. Exit status: 0 done, 1 failed, 2 wrong usage."
    },
    subcommands = {
      DemoCommand.class,
      IngestCommand.class,
      DetectorCommand.class,
      SinkCommand.class,
      TrainerCommand.class,
      AuditCommand.class,
      EngineCommand.class,
      ConfigCommand.class,
      DetectCommand.class,
      SynthesizeCommand.class,
      AnnotateCommand.class,
      TrainCommand.class,
      ExportCommand.class,
      EvaluateCommand.class,
      QuantizeCommand.class,
      ExperimentCommand.class,
      ImportCommand.class,
      ModelsCommand.class,
      CompletionCommand.class
    })
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    Logging.configure(args);
    System.exit(commandLine().execute(args));
  }

  /** The command line with its error handling, as tests use it too. */
  public static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setExecutionExceptionHandler(new OneSentenceErrors())
        .setUsageHelpAutoWidth(true)
        .setCaseInsensitiveEnumValuesAllowed(true);
  }
}
