package dev.fovea.standalone.command;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.fovea.schema.StrictConfig;
import dev.fovea.trainer.TrainSettings;
import dev.fovea.trainer.fit.ConsoleProgress;
import dev.fovea.trainer.fit.StartWeights;
import dev.fovea.trainer.fit.TrainData;
import dev.fovea.trainer.fit.Trainer;
import dev.fovea.trainer.fit.TrainingStopped;
import dev.fovea.trainer.torchvision.BackboneWeights;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains a RetinaNet and makes a release of it. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Train a RetinaNet on a COCO data set, measure it, and write a release folder that detectors"
          + " serve."
    },
    footer = {
      "",
      "  fovea train --data train.json --images DIR --val val.json --out RELEASE_DIR",
      "  fovea train --data train.json --images DIR --val val.json --out RELEASE_DIR --resume",
      "",
      "`--print-config` prints every setting of a recipe."
    })
public final class TrainCommand implements Callable<Integer> {
  @Option(
      names = "--data",
      paramLabel = "JSON",
      required = true,
      description = "COCO annotations of the training pictures.")
  private Path data;

  @Option(
      names = "--images",
      paramLabel = "DIR",
      required = true,
      description = "Folder of the training pictures.")
  private Path images;

  @Option(
      names = "--val",
      paramLabel = "JSON",
      description =
          "COCO annotations of the pictures it is measured on; without them no AP is told.")
  private @Nullable Path validation;

  @Option(
      names = "--val-images",
      paramLabel = "DIR",
      description = "Folder of those pictures (default: that of --images).")
  private @Nullable Path validationImages;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Release folder; checkpoints go there too.")
  private Path out;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "The model's name (default: the release folder's).")
  private @Nullable String name;

  @Option(
      names = "--start-from",
      paramLabel = "PATH",
      description =
          "Start from the weights of another run's checkpoint or of a release folder, as far as they fit.")
  private @Nullable Path startFrom;

  @Option(
      names = "--backbone",
      paramLabel = "FILE",
      description =
          "Start from the weights of torchvision's or timm's ResNet (.pth or safetensors); needs"
              + " network.width-factor=1 and the file's network.depth.")
  private @Nullable Path backbone;

  @Spec private CommandSpec spec;

  @Option(names = "--resume", description = "Go on from the checkpoint in the release folder.")
  private boolean resume;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "A recipe: settings on top of the reference.")
  private @Nullable Path config;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "One setting, such as --set network.depth=34; may be repeated, and goes before the"
              + " file's.")
  private Map<String, String> overrides = new LinkedHashMap<>();

  @Option(
      names = "--print-config",
      help = true,
      description = "Print every setting with its meaning and default, and end.")
  private boolean printConfig;

  @Override
  public Integer call() throws Exception {
    if (printConfig) {
      System.out.print(StrictConfig.referenceText(TrainSettings.class));
      return 0;
    }
    if (backbone != null && startFrom != null) {
      throw new ParameterException(
          spec.commandLine(), "--backbone and --start-from are two beginnings: name one");
    }
    TrainSettings settings = settings();
    PrintStream terminal = System.out;
    Path named = out.toAbsolutePath().normalize().getFileName();
    // Without it, a signal would take PyTorch's threads away in the middle of a step.
    StopSignal stop = StopSignal.install();
    try (ConsoleProgress progress =
        new ConsoleProgress(terminal, Terminal.isInteractive(), stop::signalled)) {
      TrainData pictures =
          TrainData.read(
              data,
              images,
              Optional.ofNullable(validation),
              validationImages == null ? images : validationImages);
      String model = name != null ? name : String.valueOf(named);
      Trainer.run(settings, pictures, out, model, resume, start(settings), progress);
    } catch (TrainingStopped e) {
      System.err.printf("fovea: %s; --resume goes on from the checkpoint%n", e.getMessage());
      return StopSignal.STATUS_OF_BROKEN_OFF;
    }
    return 0;
  }

  private StartWeights start(TrainSettings settings) throws IOException {
    if (!resume && backbone != null) {
      return StartWeights.of(BackboneWeights.read(backbone, settings));
    }
    return !resume && startFrom != null ? StartWeights.read(startFrom) : StartWeights.NONE;
  }

  private TrainSettings settings() {
    Config user = config == null ? ConfigFactory.empty() : StrictConfig.parse(config);
    return TrainSettings.with(overrides, user);
  }
}
