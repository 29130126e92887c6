package dev.fovea.standalone.command;

import dev.fovea.ingest.street.DatasetLight;
import dev.fovea.ingest.street.StreetDataset;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Draws a COCO data set of synthetic streets. */
@Command(
    name = "synthesize",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Draw a COCO data set of synthetic streets: annotations.json and images/. The same seed and count give the same files; "
          + "other seeds share no picture."
    },
    footer = {
      "",
      "  fovea synthesize --out street-train --count 6000 --seed 1",
      "  fovea synthesize --out street-night --count 500 --seed 4 --light night"
    })
public final class SynthesizeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Folder; made if it is not there.")
  private Path out;

  @Option(
      names = "--count",
      defaultValue = "1000",
      description = "Pictures (default: ${DEFAULT-VALUE}).")
  private int count;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Which data set (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--light",
      paramLabel = "LIGHT",
      defaultValue = "mixed",
      description =
          "At what hours: day, night, or mixed, half of it by day (default: ${DEFAULT-VALUE}).")
  private DatasetLight light;

  @Override
  public Integer call() throws Exception {
    StreetDataset dataset =
        new StreetDataset(seed, count, light, Runtime.getRuntime().availableProcessors());
    try (ProgressBar progress =
        new ProgressBarBuilder()
            .setTaskName("draw")
            .setInitialMax(count)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(Terminal.isInteractive() ? 200 : 10_000)
            .build()) {
      dataset.write(out, (done, total) -> progress.stepTo(done));
    }
    spec.commandLine().getOut().println(count + " pictures with their boxes are in " + out);
    return 0;
  }
}
