package dev.fovea.standalone.command;

import dev.fovea.standalone.models.ModelSite;
import dev.fovea.standalone.models.ReleaseText;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code fovea models list}. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "List a model's releases, oldest first: stage, accuracy, and the round that made each.",
    footer = {"", "  fovea models list --config trainer.conf"})
final class ModelsListCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ModelsOptions options = new ModelsOptions();

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    try (ModelSite site = options.open()) {
      new ReleaseText(out).list(site.model(), site.list());
    }
    out.flush();
    return 0;
  }
}
