package dev.fovea.standalone.command;

/**
 * Whether a person watches. The launcher knows: the JVM's own answer differs between its versions.
 */
final class Terminal {
  private Terminal() {}

  static boolean isInteractive() {
    return Boolean.getBoolean("fovea.terminal");
  }
}
