package dev.fovea.standalone.command;

import dev.fovea.standalone.experiment.FocalLossExperiment;
import dev.fovea.standalone.experiment.FocalLossPage;
import dev.fovea.standalone.experiment.LabelsExperiment;
import dev.fovea.standalone.experiment.LabelsPage;
import dev.fovea.standalone.experiment.Progress;
import dev.fovea.trainer.fit.TrainingStopped;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Experiments that make a page of the documents. */
@Command(
    name = "experiment",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "EXPERIMENT",
    description = "Experiments whose results are pages of docs/.",
    footer = {"", "  fovea experiment focal-loss", "  fovea experiment labels"})
public final class ExperimentCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "experiment needs one of: focal-loss, labels");
  }

  /** Focal loss beside the paper's baselines. */
  @Command(
      name = "focal-loss",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = {
        "Train a small RetinaNet on drawn streets with cross entropy, balanced cross entropy, OHEM"
            + " and focal loss, several seeds each, and write focal-loss.md with the results beside"
            + " the paper's. Started again, it does the runs that are left."
      },
      footer = {
        "",
        "  fovea experiment focal-loss --seeds 3 --threads 2",
        "  fovea experiment focal-loss --runs ce,fl-2 --steps 100 --out /tmp/try --docs /tmp/try"
      })
  int focalLoss(
      @Option(
              names = "--out",
              paramLabel = "DIR",
              description = "Folder of the runs (default: experiments/focal-loss of Fovea's).")
          @Nullable Path out,
      @Option(
              names = "--docs",
              paramLabel = "DIR",
              description = "Folder the page goes into (default: docs of Fovea's).")
          @Nullable Path docs,
      @Option(
              names = "--runs",
              paramLabel = "LOSS",
              split = ",",
              description = "Some of the losses, such as ce,fl-2 (default: all).")
          @Nullable List<String> runs,
      @Option(
              names = "--seeds",
              defaultValue = "3",
              description = "Runs of each (default: ${DEFAULT-VALUE}).")
          int seeds,
      @Option(
              names = "--steps",
              defaultValue = "600",
              description = "Steps of a run (default: ${DEFAULT-VALUE}).")
          int steps,
      @Option(
              names = "--pictures",
              defaultValue = "400",
              description = "Pictures to learn from (default: ${DEFAULT-VALUE}).")
          int pictures,
      @Option(
              names = "--validation",
              defaultValue = "100",
              description = "Pictures to be measured on (default: ${DEFAULT-VALUE}).")
          int validation,
      @Option(
              names = "--threads",
              defaultValue = "0",
              description = "Threads of the arithmetic; 0: PyTorch's choice.")
          int threads,
      @Option(
              names = "--page-only",
              description = "Train nothing; make the page anew from the results beside it.")
          boolean pageOnly)
      throws Exception {
    Path pages = docs != null ? docs : Home.folder().resolve("docs");
    if (pageOnly) {
      FocalLossPage.rewrite(pages);
    } else {
      Path folder = out != null ? out : Home.folder().resolve("experiments/focal-loss");
      // Without it, a signal would take PyTorch's threads away in the middle of a step.
      StopSignal stop = StopSignal.install();
      try (Watcher watcher = new Watcher(spec.commandLine().getOut(), stop)) {
        FocalLossPage.write(
            pages,
            new FocalLossExperiment(
                    folder,
                    new FocalLossExperiment.Plan(steps, pictures, validation),
                    runs == null ? List.of() : runs,
                    watcher)
                .run(seeds, threads));
      } catch (TrainingStopped e) {
        spec.commandLine().getErr().println("fovea: " + e.getMessage());
        return StopSignal.STATUS_OF_BROKEN_OFF;
      }
    }
    spec.commandLine().getOut().println("The page is " + pages.resolve("focal-loss.md"));
    return 0;
  }

  /** How many labels night takes, mined and at random. */
  @Command(
      name = "labels",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = {
        "Fine-tune a model that knows the day alone on frames of the night, chosen as detectors"
            + " propose them and at random, and write into drift.md how many labelled frames each"
            + " way takes. Started again, it does the runs that are left."
      },
      footer = {
        "",
        "  fovea experiment labels --seeds 3 --threads 1",
        "  fovea experiment labels --frames 8,16 --seeds 1 --out /tmp/try --docs /tmp/try"
      })
  int labels(
      @Option(
              names = "--out",
              paramLabel = "DIR",
              description = "Folder of the runs (default: experiments/labels of Fovea's).")
          @Nullable Path out,
      @Option(
              names = "--docs",
              paramLabel = "DIR",
              description = "Folder the page goes into (default: docs of Fovea's).")
          @Nullable Path docs,
      @Option(
              names = "--model",
              paramLabel = "DIR",
              description = "Release that knows the day alone (default: the bundled street-day).")
          @Nullable Path model,
      @Option(
              names = "--frames",
              paramLabel = "N",
              split = ",",
              defaultValue = "8,16,32,64,96",
              description = "Numbers of labelled frames (default: ${DEFAULT-VALUE}).")
          List<Integer> frames,
      @Option(
              names = "--seeds",
              defaultValue = "2",
              description = "Runs of each (default: ${DEFAULT-VALUE}).")
          int seeds,
      @Option(
              names = "--steps",
              defaultValue = "60",
              description = "Steps of a run, 8 pictures each (default: ${DEFAULT-VALUE}).")
          int steps,
      @Option(
              names = "--threads",
              defaultValue = "0",
              description = "Threads of the arithmetic; 0: PyTorch's choice.")
          int threads,
      @Option(
              names = "--page-only",
              description = "Train nothing; make the page's part anew from the results beside it.")
          boolean pageOnly)
      throws Exception {
    Path pages = docs != null ? docs : Home.folder().resolve("docs");
    String made;
    if (pageOnly) {
      made = LabelsPage.rewrite(pages);
    } else {
      StopSignal stop = StopSignal.install();
      try (Watcher watcher = new Watcher(spec.commandLine().getOut(), stop)) {
        made =
            LabelsPage.write(
                pages,
                new LabelsExperiment(
                    out != null ? out : Home.folder().resolve("experiments/labels"),
                    model != null ? model : BundledModel.ofTheDay(),
                    new LabelsExperiment.Plan(frames, seeds, steps),
                    watcher),
                threads);
      } catch (TrainingStopped e) {
        spec.commandLine().getErr().println("fovea: " + e.getMessage());
        return StopSignal.STATUS_OF_BROKEN_OFF;
      }
    }
    spec.commandLine().getOut().println("\n" + made);
    spec.commandLine().getOut().println("The page is " + pages.resolve("drift.md"));
    return 0;
  }

  /** A bar over all runs with the time left, and a line for each that is done. */
  private static final class Watcher implements Progress, AutoCloseable {
    private final PrintWriter out;
    private final StopSignal stop;
    private @Nullable ProgressBar bar;
    private String task = "";

    Watcher(PrintWriter out, StopSignal stop) {
      this.out = out;
      this.stop = stop;
    }

    @Override
    public void drawing(long done, long total) {
      bar("draw", done, total).stepTo(done);
    }

    @Override
    public void training(long done, long total, String what) {
      if (stop.signalled()) {
        throw new TrainingStopped(
            "stopped in " + what + "; the same command does that run again and goes on");
      }
      bar("train", done, total).stepTo(done).setExtraMessage(what);
    }

    /** What was done before does not count for the time left. */
    private ProgressBar bar(String wanted, long done, long total) {
      if (bar == null || !task.equals(wanted) || bar.getMax() != total) {
        close();
        task = wanted;
        bar =
            new ProgressBarBuilder()
                .setTaskName(wanted)
                .setInitialMax(total)
                .startsFrom(done - 1, Duration.ZERO)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(Terminal.isInteractive() ? 200 : 10_000)
                .build();
      }
      return bar;
    }

    @Override
    public void finished(String what) {
      out.printf(Locale.ROOT, "%s%s%n", Terminal.isInteractive() ? "\n" : "", what);
      out.flush();
    }

    @Override
    public void close() {
      if (bar != null) {
        bar.close();
        bar = null;
      }
    }
  }
}
