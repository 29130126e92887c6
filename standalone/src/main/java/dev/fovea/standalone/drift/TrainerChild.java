package dev.fovea.standalone.drift;

import dev.fovea.standalone.Main;

/** The {@code fovea} command, ended with the process that started it, however that ends. */
public final class TrainerChild {
  private TrainerChild() {}

  public static void main(String[] args) {
    ProcessHandle.current().parent().ifPresent(TrainerChild::endWith);
    Main.main(args);
  }

  private static void endWith(ProcessHandle parent) {
    var unused = parent.onExit().thenRun(() -> Runtime.getRuntime().halt(1));
  }
}
