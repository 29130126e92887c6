package dev.fovea.standalone.command;

import dev.fovea.detector.engine.EngineSettings;
import dev.fovea.detector.engine.LoadedModel;
import dev.fovea.standalone.evaluate.CurveFiles;
import dev.fovea.standalone.evaluate.EvaluationReport;
import dev.fovea.trainer.data.CocoDataset;
import dev.fovea.trainer.evaluate.CocoEvaluator;
import dev.fovea.trainer.evaluate.CocoResultsFile;
import dev.fovea.trainer.evaluate.ErrorBreakdown;
import dev.fovea.trainer.evaluate.ReleaseRun;
import dev.fovea.trainer.evaluate.ScoredBox;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures detections, or a model's, against the truth as COCO does. */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measure detections against a COCO ground truth: COCO's twelve figures and every class's AP,"
          + " as pycocotools gives them, and what AP50 is lost to (TIDE). With --model, the release"
          + " first detects in the pictures by the detector's own path."
    },
    footer = {
      "",
      "  fovea evaluate --ground-truth val.json --detections detections.json",
      "  fovea evaluate --ground-truth val.json --model RELEASE_DIR --images DIR --curves plots/"
    })
public final class EvaluateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--ground-truth",
      paramLabel = "JSON",
      required = true,
      description = "COCO annotations.")
  private Path groundTruth;

  @ArgGroup(multiplicity = "1")
  private Detections detections = new Detections();

  @Option(names = "--json", description = "Print JSON, with COCO's names; -1 is undefined.")
  private boolean json;

  @Option(
      names = "--curves",
      paramLabel = "DIR",
      description = "Write precision-recall curves: a CSV file and a plot.")
  private @Nullable Path curves;

  /** Where detections come from. */
  private static final class Detections {
    @Option(
        names = "--detections",
        paramLabel = "JSON",
        required = true,
        description = "COCO results.")
    private @Nullable Path file;

    @ArgGroup(exclusive = false)
    private @Nullable Release release;
  }

  /** A model and what it is to look at. */
  private static final class Release {
    @Option(names = "--model", paramLabel = "DIR", required = true, description = "Release folder.")
    private Path model;

    @Option(
        names = "--images",
        paramLabel = "DIR",
        required = true,
        description = "Folder of the ground truth's pictures, JPEG.")
    private Path images;
  }

  @Override
  public Integer call() throws Exception {
    Release release = detections.release;
    CocoDataset truth =
        release == null
            ? CocoDataset.readTruth(groundTruth)
            : CocoDataset.read(groundTruth, release.images);
    List<ScoredBox> found =
        release == null
            ? CocoResultsFile.read(Objects.requireNonNull(detections.file), truth)
            : detect(truth, release.model);
    CocoEvaluator.Measured measured = new CocoEvaluator(truth).measure(found);
    EvaluationReport report =
        new EvaluationReport(measured.metrics(), ErrorBreakdown.of(truth, found));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(report.json());
    } else {
      out.printf(
          "%s: %d pictures, %d boxes; %d detections%n",
          groundTruth, truth.pictures().size(), truth.boxes(), found.size());
      report.print(out);
    }
    if (curves != null) {
      CurveFiles.write(curves, measured.curves());
    }
    return 0;
  }

  private static List<ScoredBox> detect(CocoDataset truth, Path model) throws Exception {
    int threads = Runtime.getRuntime().availableProcessors();
    try (LoadedModel loaded = LoadedModel.load(model, EngineSettings.cpu(threads, 1));
        ProgressBar progress =
            new ProgressBarBuilder()
                .setTaskName("detect")
                .setInitialMax(truth.pictures().size())
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(Terminal.isInteractive() ? 200 : 10_000)
                .build()) {
      return new ReleaseRun(loaded, ReleaseRun.LOW_SCORE).detect(truth, progress::stepTo);
    }
  }
}
