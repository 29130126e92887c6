package dev.fovea.standalone.command;

import dev.fovea.standalone.models.ModelSite;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fovea models promote}. */
@Command(
    name = "promote",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Make a release live, whatever the gate said of it; detectors swap to it.",
    footer = {"", "  fovea models promote r0012-3fa9c1d2 --config trainer.conf"})
final class ModelsPromoteCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ModelsOptions options = new ModelsOptions();

  @Parameters(paramLabel = "VERSION", description = "Its version.")
  private String version;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    try (ModelSite site = options.open()) {
      ModelSite.Listed release = site.find(version);
      site.promote(release);
      if (release.stage() == ModelSite.Stage.HELD) {
        out.println("The gate had held it back: `fovea models show " + version + "` says why.");
      }
      out.println(site.model() + " " + release.manifest().version() + " is announced as live.");
    }
    out.flush();
    return 0;
  }
}
