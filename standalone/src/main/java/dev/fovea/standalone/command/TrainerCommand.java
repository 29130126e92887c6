package dev.fovea.standalone.command;

import picocli.CommandLine.Command;

/** {@code fovea trainer}. */
@Command(
    name = "trainer",
    mixinStandardHelpOptions = true,
    description =
        "Collect labels, retrain on schedule, and make a model live where it is measurably better.",
    footer = {
      "",
      "  fovea config trainer > my.conf    every setting, documented",
      "  fovea trainer --config my.conf"
    })
public final class TrainerCommand extends ServiceCommand {
  public TrainerCommand() {
    super(Service.TRAINER);
  }
}
