package dev.fovea.standalone.command;

import dev.fovea.schema.StrictConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints a service's reference configuration, or checks a file against it. */
@Command(
    name = "config",
    mixinStandardHelpOptions = true,
    description = "Print a service's documented settings, or check a file of yours.",
    footer = {"", "  fovea config detector > my.conf", "  fovea config detector --check my.conf"})
public final class ConfigCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "SERVICE", description = "One of: ${COMPLETION-CANDIDATES}.")
  private Service service;

  @Option(
      names = "--check",
      paramLabel = "FILE",
      description =
          "Read FILE as the service would and say what is wrong with it, or that it is fine.")
  private @Nullable Path check;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (check == null) {
      out.print(StrictConfig.referenceText(service.config()));
    } else {
      service.check(StrictConfig.parse(check));
      out.println(check + ": fine for " + service);
    }
    out.flush();
    return 0;
  }
}
