package dev.fovea.standalone.command;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes a release of weights that torchvision trained. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Make a release folder of one of torchvision's RetinaNets: of the state dict its users save,"
          + " as .pth or safetensors. docs/torchvision.md says what is equal to torchvision, and"
          + " how that was shown."
    },
    footer = {
      "",
      "  fovea import --torchvision weights.pth --classes cat,dog --out RELEASE_DIR",
      "  fovea import --torchvision https://host/weights-0123abcd.safetensors --classes names.txt"
          + " --out RELEASE_DIR",
      "",
      "`fovea models add coco` does it for the weights that torchvision publishes."
    })
public final class ImportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--torchvision",
      paramLabel = "FILE_OR_URL",
      required = true,
      description =
          "State dict of the model. A sum at the end of its name (-0123abcd.pth) is checked.")
  private String weights;

  @Option(
      names = "--arch",
      paramLabel = "NAME",
      description =
          "retinanet_resnet50_fpn or retinanet_resnet50_fpn_v2 (default: what the weights are).")
  private @Nullable String architecture;

  @Option(names = "--out", paramLabel = "DIR", required = true, description = "Release folder.")
  private Path out;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "The model's name (default: the release folder's).")
  private @Nullable String name;

  @Option(
      names = "--classes",
      paramLabel = "NAMES",
      description =
          "Names in the order of their labels, between commas, or a file with one a line: from"
              + " label 1 on, or from 0 on if there are as many as outputs. __background__ and N/A"
              + " are not served. Default: COCO's, for 91 outputs.")
  private @Nullable String classes;

  @Option(
      names = "--sha256",
      paramLabel = "HEX",
      description = "The SHA-256 the file must have, or its first eight digits or more.")
  private @Nullable String sha256;

  @Option(
      names = "--batch-norm-epsilon",
      paramLabel = "E",
      description =
          "What is added to BatchNorm's variance: 0 for what was fine-tuned from torchvision's"
              + " published retinanet_resnet50_fpn (default: 0 for that file itself, else 1e-5).")
  private @Nullable Double epsilon;

  @Mixin private ImportOptions options = new ImportOptions();

  @Override
  public Integer call() throws Exception {
    Path file =
        weights.matches("https?://.*")
            ? new WeightsCache(spec.commandLine().getOut())
                .fetch(URI.create(weights), sha256 == null ? "" : sha256)
            : Path.of(weights);
    Path named = out.toAbsolutePath().normalize().getFileName();
    options.run(
        file,
        name != null ? name : String.valueOf(named),
        out,
        options.architecture(architecture),
        ImportOptions.classes(classes),
        Optional.ofNullable(sha256),
        epsilon == null ? OptionalDouble.empty() : OptionalDouble.of(epsilon));
    return 0;
  }
}
