package dev.fovea.standalone.command;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where Fovea lies: the folder of the {@code fovea} launcher, which passes it on. */
final class Home {
  private static final String BUNDLED_MODEL = "models/street-synthetic";

  private Home() {}

  static Path folder() {
    return Path.of(System.getProperty("fovea.home", ".")).toAbsolutePath().normalize();
  }

  static Path bundledModel() {
    Path model = folder().resolve(BUNDLED_MODEL);
    if (!Files.isRegularFile(model.resolve("manifest.json"))) {
      throw new IllegalStateException(
          "the bundled model is not at " + model + ": name a release folder with --model");
    }
    return model;
  }
}
