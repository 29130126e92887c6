package dev.fovea.standalone.command;

import dev.fovea.detector.engine.PlanBuilder;
import dev.fovea.detector.engine.PlanCache;
import dev.fovea.detector.model.ReleaseFolder;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Builds TensorRT plans, so that detectors on this machine start in seconds. */
@Command(
    name = "build",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Build a release's TensorRT plan for this machine's first GPU and keep it: a detector with"
          + " engine = tensorrt takes it instead of building one at each start. Plans are kept in"
          + " $FOVEA_HOME_CACHE/plans (default: ~/.cache/fovea/plans) by GPU, driver and TensorRT"
          + " version, model, precision and batch; one that is there is not built again."
    },
    footer = {"", "  fovea engine build --model models/street-synthetic --fp16 --batch 1 8"})
public final class EngineBuildCommand implements Callable<Integer> {
  private static final int MOST_FRAMES = 256;

  @Spec private CommandSpec spec;

  @Option(names = "--model", required = true, paramLabel = "DIR", description = "Release folder.")
  private Path model;

  @ArgGroup private @Nullable Precision precision;

  @Option(
      names = "--batch",
      arity = "1..*",
      paramLabel = "N",
      defaultValue = "4",
      description =
          "Frames of a run, as the detector's batch.max-frames; a plan each (default: 4).")
  private List<Integer> batches;

  /** As the detector's {@code tensorrt.fp16}. */
  private static final class Precision {
    @SuppressWarnings("UnusedVariable") // It is the default, and may be said.
    @Option(names = "--fp32", description = "Single precision, as detectors run (default).")
    private boolean fp32;

    @Option(names = "--fp16", description = "Half precision: tensorrt.fp16 = true.")
    private boolean fp16;
  }

  @Override
  public Integer call() throws Exception {
    batches.forEach(this::requireAllowed);
    ReleaseFolder release = ReleaseFolder.open(model);
    PlanBuilder builder =
        PlanBuilder.onThisMachine(
            new PlanCache(PlanCache.usualFolder()), program(), nvidiaLibraries());
    PrintWriter out = spec.commandLine().getOut();
    out.println(builder.gpu());
    out.flush();
    boolean fp16 = precision != null && precision.fp16;
    for (int batch : batches) {
      try (BuildProgress progress = new BuildProgress(out, batch, fp16)) {
        progress.done(builder.build(release, fp16, batch, progress));
      }
    }
    return 0;
  }

  private void requireAllowed(int batch) {
    if (batch < 1 || batch > MOST_FRAMES) {
      throw new ParameterException(
          spec.commandLine(), "--batch must be 1 to " + MOST_FRAMES + ", not " + batch);
    }
  }

  /** The process that builds: the launcher knows where it is; in an image it has a fixed place. */
  private static Path program() {
    return Path.of(
        System.getProperty("fovea.plan-builder", Home.folder().resolve("lib-plan").toString()));
  }

  /** Where {@code engine install} has put them; the launcher says it to JNA in the same way. */
  private static Optional<Path> nvidiaLibraries() {
    return Optional.ofNullable(System.getProperty("jna.library.path"))
        .map(Path::of)
        .filter(Files::isDirectory);
  }
}
