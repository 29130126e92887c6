package dev.fovea.standalone.command;

import dev.fovea.trainer.torchvision.Architecture;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Fetches published weights and makes a release of them. */
@Command(
    name = "add",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Fetch weights that somebody published, and make a release of them. \"coco\": torchvision's"
          + " RetinaNet for COCO's 80 classes, about 150 MB from download.pytorch.org; torchvision"
          + " states .364 AP for retinanet_resnet50_fpn and .415 for retinanet_resnet50_fpn_v2."
          + " After a stop the same command goes on."
    },
    footer = {
      "",
      "  fovea models add coco",
      "  fovea models add coco --arch retinanet_resnet50_fpn --input 640x384 --out RELEASE_DIR"
    })
public final class ModelsAddCommand implements Callable<Integer> {
  private static final String COCO = "coco";

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = COCO)
  private String model;

  @Option(
      names = "--arch",
      paramLabel = "NAME",
      defaultValue = "retinanet_resnet50_fpn_v2",
      description =
          "retinanet_resnet50_fpn or retinanet_resnet50_fpn_v2 (default: ${DEFAULT-VALUE}).")
  private String architecture;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Release folder (default: models/coco in Fovea's own folder).")
  private @Nullable Path out;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "The same file at another address; its sum must be the published one.")
  private @Nullable URI url;

  @Mixin private ImportOptions options = new ImportOptions();

  @Override
  public Integer call() throws Exception {
    if (!model.equals(COCO)) {
      throw new ParameterException(
          spec.commandLine(), "only coco can be added, not \"" + model + "\"");
    }
    Architecture wanted = options.architecture(architecture).orElseThrow();
    Path file =
        new WeightsCache(spec.commandLine().getOut())
            .fetch(url == null ? wanted.published() : url, wanted.publishedSum());
    options.run(
        file,
        COCO,
        out == null ? Home.folder().resolve("models").resolve(COCO) : out,
        Optional.of(wanted),
        List.of(),
        Optional.of(wanted.publishedSum()),
        OptionalDouble.empty());
    return 0;
  }
}
