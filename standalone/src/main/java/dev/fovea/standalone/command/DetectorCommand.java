package dev.fovea.standalone.command;

import picocli.CommandLine.Command;

/** {@code fovea detector}. */
@Command(
    name = "detector",
    mixinStandardHelpOptions = true,
    description = "Find objects in frames and publish them, exactly one answer a frame.",
    footer = {
      "",
      "  fovea config detector > my.conf    every setting, documented",
      "  fovea detector --config my.conf"
    })
public final class DetectorCommand extends ServiceCommand {
  public DetectorCommand() {
    super(Service.DETECTOR);
  }
}
