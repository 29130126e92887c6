package dev.fovea.detector.engine;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;

/** DJL's engines, with what DJL does unasked turned off. */
final class Djl {
  static {
    // DJL's engines report their use to its authors, and look things up on the network.
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("ai.djl.offline", "true");
    // Nothing here does array arithmetic. Left on, DJL would load whatever other engine is on the
    // class path for it: TensorRT's, which ends the JVM where there is no NVIDIA driver.
    System.setProperty("ai.djl.onnx.disable_alternative", "true");
    System.setProperty("ai.djl.tensorrt.disable_alternative", "true");
  }

  private Djl() {}

  /**
   * An engine by DJL's name of it.
   *
   * @throws EngineUnavailableException if its native libraries do not load
   */
  static Engine engine(String name, EngineKind kind) throws EngineUnavailableException {
    try {
      return Engine.getEngine(name);
    } catch (EngineException | IllegalArgumentException | LinkageError e) {
      throw new EngineUnavailableException(
          "engine = %s does not start on this machine: %s".formatted(kind.key(), rootMessage(e)),
          e);
    }
  }

  static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = root.getMessage();
    return message == null
        ? root.getClass().getSimpleName()
        : message.lines().findFirst().orElse("").strip();
  }
}
