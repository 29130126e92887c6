package dev.fovea.standalone.command;

import dev.fovea.trainer.export.Exporter;
import dev.fovea.trainer.export.ReleaseSummary;
import dev.fovea.trainer.fit.Checkpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes a release of a checkpoint. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Make a release folder of a training checkpoint: ONNX with BatchNorm folded, checked against the trained network on "
          + "real pictures; a difference over 1e-4 is an error."
    },
    footer = {
      "",
      "  fovea export --checkpoint RUN_DIR --out RELEASE_DIR",
      "  fovea export --checkpoint RUN_DIR --input 640x384 --out RELEASE_DIR"
    })
public final class ExportCommand implements Callable<Integer> {
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,5})x([0-9]{1,5})");

  @Spec private CommandSpec spec;

  @Option(
      names = "--checkpoint",
      paramLabel = "PATH",
      required = true,
      description = "A checkpoint file, or the folder `fovea train` wrote one into.")
  private Path checkpoint;

  @Option(names = "--out", paramLabel = "DIR", required = true, description = "Release folder.")
  private Path out;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "The model's name (default: the release folder's).")
  private @Nullable String name;

  @Option(
      names = "--version-name",
      paramLabel = "VERSION",
      description = "The release's version (default: from the model's SHA-256).")
  private @Nullable String version;

  @Option(
      names = "--input",
      paramLabel = "WIDTHxHEIGHT",
      description =
          "Size of the pictures it is to see, where that is not what it was trained on: multiples of 32, such as 640x384.")
  private @Nullable String input;

  @Override
  public Integer call() throws Exception {
    Path file =
        Files.isDirectory(checkpoint) ? checkpoint.resolve(Checkpoint.FILE_NAME) : checkpoint;
    Path named = out.toAbsolutePath().normalize().getFileName();
    ReleaseSummary release =
        Exporter.export(
            sized(Checkpoint.read(file)),
            name != null ? name : String.valueOf(named),
            Optional.ofNullable(version),
            out);
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "%s %s is in %s: %.1f MB, %.1f ms a picture on one thread; largest difference from the trained network %.2e%n",
            release.manifest().name(),
            release.manifest().version(),
            release.folder(),
            release.modelBytes() / 1e6,
            release.millisPerPicture(),
            release.largestDifference());
    return 0;
  }

  private Checkpoint sized(Checkpoint trained) {
    if (input == null) {
      return trained;
    }
    Matcher size = SIZE.matcher(input);
    if (!size.matches()) {
      throw new IllegalArgumentException("--input " + input + ": must be like 640x384, in pixels");
    }
    return trained.forInput(Integer.parseInt(size.group(1)), Integer.parseInt(size.group(2)));
  }
}
