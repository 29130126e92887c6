package dev.fovea.standalone.command;

import picocli.CommandLine.Command;

/** {@code fovea sink}. */
@Command(
    name = "sink",
    mixinStandardHelpOptions = true,
    description = "Serve detections as a dashboard, REST and SQL.",
    footer = {
      "",
      "  fovea config sink > my.conf    every setting, documented",
      "  fovea sink --config my.conf"
    })
public final class SinkCommand extends ServiceCommand {
  public SinkCommand() {
    super(Service.SINK);
  }
}
