package dev.fovea.standalone;

import java.util.List;

/**
 * Chooses how the process logs, before the first logger is made: a service logs to standard error;
 * a demo keeps the terminal for its own report and logs to a file; the other commands say only what
 * went wrong.
 */
final class Logging {
  private static final List<String> SERVICES = List.of("ingest", "detector", "sink", "trainer");

  private Logging() {}

  static void configure(String[] args) {
    String command = args.length == 0 ? "" : args[0];
    String kind = SERVICES.contains(command) ? "service" : command.equals("demo") ? "demo" : "tool";
    if (System.getProperty("logback.configurationFile") == null) {
      System.setProperty(
          "logback.configurationFile", "dev/fovea/standalone/logback-" + kind + ".xml");
    }
  }
}
