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

/** {@code fovea models diff}. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Show how two releases differ: manifest, figures, where they come from.",
    footer = {"", "  fovea models diff live r0012-3fa9c1d2 --config trainer.conf"})
final class ModelsDiffCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ModelsOptions options = new ModelsOptions();

  @Parameters(index = "0", paramLabel = "A", description = "A version, or \"live\".")
  private String before;

  @Parameters(index = "1", paramLabel = "B", description = "Another.")
  private String after;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    try (ModelSite site = options.open()) {
      new ReleaseText(out).diff(site.find(before), site.find(after));
    }
    out.flush();
    return 0;
  }
}
