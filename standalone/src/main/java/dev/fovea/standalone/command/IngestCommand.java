package dev.fovea.standalone.command;

import picocli.CommandLine.Command;

/** {@code fovea ingest}. */
@Command(
    name = "ingest",
    mixinStandardHelpOptions = true,
    description = "Read cameras and publish their frames to Kafka.",
    footer = {
      "",
      "  fovea config ingest > my.conf    every setting, documented",
      "  fovea ingest --config my.conf"
    })
public final class IngestCommand extends ServiceCommand {
  public IngestCommand() {
    super(Service.INGEST);
  }
}
