package dev.fovea.standalone.command;

import dev.fovea.standalone.models.ModelSite;
import dev.fovea.trainer.store.LiveRelease;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code fovea models rollback}. */
@Command(
    name = "rollback",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Make the release live again that the live one replaced; again, the one before that.",
    footer = {"", "  fovea models rollback --config trainer.conf"})
final class ModelsRollbackCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ModelsOptions options = new ModelsOptions();

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    try (ModelSite site = options.open()) {
      LiveRelease live = site.rollBack();
      out.println(site.model() + " " + live.version() + " is announced as live again.");
    }
    out.flush();
    return 0;
  }
}
