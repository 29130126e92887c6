package dev.fovea.standalone.command;

import dev.fovea.detector.engine.EngineKind;
import dev.fovea.detector.engine.EngineSettings;
import dev.fovea.detector.engine.LoadedModel;
import dev.fovea.detector.engine.PlanCache;
import dev.fovea.detector.engine.TensorRtSettings;
import dev.fovea.detector.model.DecodingSettings;
import dev.fovea.detector.model.PictureLimits;
import dev.fovea.ingest.source.FrameSource;
import dev.fovea.ingest.source.FrameSources;
import dev.fovea.ingest.source.SourceOptions;
import dev.fovea.standalone.detect.DetectionFiles;
import dev.fovea.standalone.detect.OfflineDetection;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Detects in a file or folder, without Kafka. */
@Command(
    name = "detect",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Find objects in a video file or a folder of images, without Kafka, through the same classes"
          + " as the services."
    },
    footer = {
      "",
      "  fovea detect --source clip.mp4 --out detections.json",
      "  fovea detect --source pictures/ --draw annotated/ --threshold 0.5",
      "",
      "A source that ends early or is damaged gives what could be read; a line says where it broke,"
          + " and the exit status is 1."
    })
public final class DetectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--source",
      paramLabel = "FILE_OR_FOLDER",
      required = true,
      description = "A video file (MP4, AVI, MKV, TS), a folder of images, or synthetic:?frames=N.")
  private String source;

  @Option(
      names = "--model",
      paramLabel = "DIR_OR_NAME",
      description =
          "Release folder of the model, or a bundled model's name (default: street-synthetic for drawn streets, "
              + "street for the rest; in 8 bits on the CPU).")
  private @Nullable String model;

  @Option(
      names = "--threshold",
      paramLabel = "SCORE",
      description = "Only objects with a score above this, 0 to 1 (default: the manifest's).")
  private @Nullable Float threshold;

  @Option(
      names = "--out",
      paramLabel = "JSON",
      description = {
        "Write COCO results: image_id, category_id, bbox as x, y, width, height in pixels, score."
            + " image_id is the frame's number from 0, category_id the class's place in the"
            + " manifest from 1, unless --images-json says otherwise."
      })
  private @Nullable Path out;

  @Option(
      names = "--images-json",
      paramLabel = "JSON",
      description =
          "A COCO file whose image ids (by file name) and category ids (by name) are to be used.")
  private @Nullable Path imagesJson;

  @Option(
      names = "--draw",
      paramLabel = "FOLDER",
      description = "Write each picture with its boxes drawn, as JPEG.")
  private @Nullable Path draw;

  @Option(
      names = "--engine",
      paramLabel = "ENGINE",
      defaultValue = "onnxruntime",
      description = "onnxruntime or tensorrt (default: ${DEFAULT-VALUE}).")
  private String engine;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of the engine on the CPU (default: one a core).")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Override
  public Integer call() throws Exception {
    long started = System.nanoTime();
    EngineSettings settings = engineSettings();
    try (LoadedModel loaded = LoadedModel.load(modelFor(settings.engine()), settings);
        FrameSource frames = FrameSources.open(source, SourceOptions.offline());
        DetectionFiles files =
            new DetectionFiles(loaded.manifest().classes(), out, imagesJson, draw)) {
      OfflineDetection.Summary summary = run(loaded, frames, files);
      return report(summary, (System.nanoTime() - started) / 1e9);
    }
  }

  private OfflineDetection.Summary run(LoadedModel loaded, FrameSource frames, DetectionFiles files)
      throws Exception {
    try (ProgressBar progress = progressBar()) {
      return new OfflineDetection(loaded, decoding(loaded))
          .run(
              frames,
              answer -> {
                files.write(answer);
                progress.step();
              });
    }
  }

  private Path modelFor(EngineKind kind) {
    try {
      return model == null
          ? BundledModel.forSources(List.of(source), kind)
          : BundledModel.named(model, kind);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private EngineSettings engineSettings() {
    try {
      return new EngineSettings(
          EngineKind.of(engine),
          threads,
          1,
          PictureLimits.DEFAULT,
          new TensorRtSettings(true, PlanCache.usualFolder()));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
    }
  }

  private DecodingSettings decoding(LoadedModel loaded) {
    DecodingSettings decoding = loaded.manifest().decoding();
    try {
      return threshold == null ? decoding : decoding.withScoreThreshold(threshold);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), "--threshold must be 0 to below 1, not " + threshold, e);
    }
  }

  /**
   * How many frames there are is not known beforehand: not every container says, and some say it
   * wrongly.
   */
  private static ProgressBar progressBar() {
    return new ProgressBarBuilder()
        .setTaskName("detect")
        .setUnit(" frames", 1)
        .setInitialMax(-1)
        .showSpeed()
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(Terminal.isInteractive() ? 200 : 5_000)
        .build();
  }

  private int report(OfflineDetection.Summary summary, double seconds) {
    PrintWriter err = spec.commandLine().getErr();
    summary
        .firstDamage()
        .ifPresent(what -> err.printf("fovea: damaged frames: %d; %s%n", summary.damaged(), what));
    summary
        .failure()
        .ifPresent(why -> err.printf("fovea: broke at frame %d: %s%n", summary.framesRead(), why));
    err.printf(
        Locale.ROOT,
        "%d frames read, %d frames detected, %d detections, %.1f frames/s%n",
        summary.framesRead(),
        summary.framesDetected(),
        summary.detections(),
        summary.framesDetected() / seconds);
    err.flush();
    return summary.isWhole() ? 0 : 1;
  }
}
