package dev.fovea.standalone.command;

import dev.fovea.trainer.quantize.Quantizer;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes an 8-bit release of a release. */
@Command(
    name = "quantize",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Make an 8-bit release of a release, for CPUs: its convolutions run in integers, about three times as fast where the "
          + "CPU has VNNI. Its accuracy is for `fovea evaluate` to say."
    },
    footer = {"", "  fovea quantize --model RELEASE_DIR --images DIR --out INT8_DIR"})
public final class QuantizeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--model", paramLabel = "DIR", required = true, description = "Release folder.")
  private Path model;

  @Option(
      names = "--images",
      paramLabel = "DIR",
      required = true,
      description = "JPEGs like those it will see; its activations are measured on some of them.")
  private Path images;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "The new release's folder.")
  private Path out;

  @Option(
      names = "--pictures",
      defaultValue = "32",
      description = "Pictures that are measured on, at most (default: ${DEFAULT-VALUE}).")
  private int pictures;

  @Option(
      names = "--weight-bits",
      defaultValue = "8",
      description =
          "8, or 7 for CPUs with AVX2 but no VNNI, whose sums saturate (default: ${DEFAULT-VALUE}).")
  private int weightBits;

  @Override
  public Integer call() throws Exception {
    Quantizer.Outcome outcome = new Quantizer(pictures, weightBits).quantize(model, images, out);
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "%s %s is in %s: %.1f MB after %.1f, %.1f ms a picture after %.1f on one thread (%.2f times as fast); "
                + "largest change of a score %.3f%n",
            outcome.manifest().name(),
            outcome.manifest().version(),
            out,
            outcome.bytesAfter() / 1e6,
            outcome.bytesBefore() / 1e6,
            outcome.millisAfter(),
            outcome.millisBefore(),
            outcome.millisBefore() / outcome.millisAfter(),
            outcome.largestScoreChange());
    return 0;
  }
}
