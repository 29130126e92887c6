package dev.fovea.standalone.command;

import dev.fovea.trainer.export.ReleaseSummary;
import dev.fovea.trainer.fit.Checkpoint;
import dev.fovea.trainer.torchvision.Architecture;
import dev.fovea.trainer.torchvision.RetinaNetImport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What every command that makes a release of foreign weights can be told. */
final class ImportOptions {
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,5})x([0-9]{1,5})");

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--input",
      paramLabel = "WxH",
      defaultValue = "1344x800",
      description =
          "Size of the release's input, multiples of 32 (default: ${DEFAULT-VALUE}, torchvision's"
              + " own; smaller ones are faster by as much, and lose small objects).")
  private String input;

  @Option(
      names = "--score-threshold",
      paramLabel = "SCORE",
      defaultValue = "0.5",
      description = "Scores above it count when serving (default: ${DEFAULT-VALUE}).")
  private double scoreThreshold;

  @Option(
      names = "--checkpoint",
      description =
          "Also write checkpoint.bin into the folder: what `fovea train --start-from` goes on"
              + " from.")
  private boolean checkpoint;

  /**
   * Makes the release and says so.
   *
   * @param sha256 of the file, where it is known
   */
  void run(
      Path file,
      String name,
      Path folder,
      Optional<Architecture> architecture,
      List<String> classes,
      Optional<String> sha256,
      OptionalDouble epsilon)
      throws IOException {
    Matcher size = SIZE.matcher(input);
    if (!size.matches()) {
      throw new ParameterException(
          spec.commandLine(), "--input must be WIDTHxHEIGHT in pixels, not \"" + input + "\"");
    }
    RetinaNetImport.Options options =
        new RetinaNetImport.Options(
            architecture,
            classes,
            Integer.parseInt(size.group(1)),
            Integer.parseInt(size.group(2)),
            sha256,
            epsilon,
            scoreThreshold);
    PrintWriter out = spec.commandLine().getOut();
    RetinaNetImport importer =
        new RetinaNetImport(
            options,
            step -> {
              out.println("  " + step);
              out.flush();
            });
    RetinaNetImport.Imported imported = importer.read(file);
    ReleaseSummary release = importer.release(imported, name, folder);
    if (checkpoint) {
      imported.checkpoint().write(folder.resolve(Checkpoint.FILE_NAME));
    }
    out.printf(
        Locale.ROOT,
        "%s %s is in %s: %d classes, %dx%d, %.1f MB; largest difference from the trainer's graph"
            + " %.2e%n",
        release.manifest().name(),
        release.manifest().version(),
        release.folder(),
        release.manifest().classes().size(),
        release.manifest().inputWidthPx(),
        release.manifest().inputHeightPx(),
        release.modelBytes() / 1e6,
        release.largestDifference());
    out.flush();
  }

  /** One of torchvision's names, or nothing. */
  Optional<Architecture> architecture(@Nullable String key) {
    if (key == null) {
      return Optional.empty();
    }
    for (Architecture architecture : Architecture.values()) {
      if (architecture.key().equals(key)) {
        return Optional.of(architecture);
      }
    }
    throw new ParameterException(
        spec.commandLine(),
        "--arch must be retinanet_resnet50_fpn or retinanet_resnet50_fpn_v2, not \"" + key + "\"");
  }

  /** Names out of a file, one a line, or as they are, between commas. */
  static List<String> classes(@Nullable String given) throws IOException {
    if (given == null) {
      return List.of();
    }
    Path file = Path.of(given);
    List<String> names =
        Files.isRegularFile(file) ? Files.readAllLines(file) : List.of(given.split(",", -1));
    return names.stream().map(String::strip).filter(name -> !name.isEmpty()).toList();
  }
}
