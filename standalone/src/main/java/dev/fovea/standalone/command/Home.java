package dev.fovea.standalone.command;

import java.nio.file.Path;

/** Where Fovea lies: the folder of the {@code fovea} launcher, which passes it on. */
final class Home {
  private Home() {}

  static Path folder() {
    return Path.of(System.getProperty("fovea.home", ".")).toAbsolutePath().normalize();
  }
}
