package dev.fovea.standalone.command;

import dev.fovea.detector.engine.EngineKind;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where Fovea lies: the folder of the {@code fovea} launcher, which passes it on. */
final class Home {
  private static final String BUNDLED_MODEL = "models/street-synthetic";
  private static final String BUNDLED_MODEL_FOR_CPU = "models/street-synthetic-int8";

  private Home() {}

  static Path folder() {
    return Path.of(System.getProperty("fovea.home", ".")).toAbsolutePath().normalize();
  }

  /** The bundled release that is fastest on the engine: 8-bit on the CPU. */
  static Path bundledModel(EngineKind engine) {
    Path model =
        folder().resolve(engine == EngineKind.ONNXRUNTIME ? BUNDLED_MODEL_FOR_CPU : BUNDLED_MODEL);
    if (!Files.isRegularFile(model.resolve("manifest.json"))) {
      throw new IllegalStateException(
          "the bundled model is not at " + model + ": name a release folder with --model");
    }
    return model;
  }
}
