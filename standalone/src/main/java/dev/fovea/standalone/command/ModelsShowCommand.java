package dev.fovea.standalone.command;

import dev.fovea.standalone.models.ModelSite;
import dev.fovea.standalone.models.ReleaseText;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fovea models show}. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Show a release: manifest, figures, where it comes from, and the gate's verdict.",
    footer = {"", "  fovea models show live --config trainer.conf"})
final class ModelsShowCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ModelsOptions options = new ModelsOptions();

  @Parameters(paramLabel = "VERSION", description = "Its version, or \"live\".")
  private String version;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    try (ModelSite site = options.open()) {
      new ReleaseText(out).show(site.find(version));
    }
    out.flush();
    return 0;
  }
}
