package dev.fovea.detector.engine;

import java.util.Optional;

/** Whether this machine can run an engine. */
public final class EngineSupport {
  private EngineSupport() {}

  /**
   * The first thing that is missing, in one sentence; empty if the engine runs here. Loads the
   * engine's libraries, after the checks that keep a lack of them from ending the JVM.
   */
  public static Optional<String> missing(EngineKind kind) {
    try {
      switch (kind) {
        case ONNXRUNTIME -> Djl.engine(OnnxRuntimeEngine.ENGINE, kind);
        case TENSORRT -> {
          new NvidiaLibraries().require();
          Djl.engine(TensorRtEngine.ENGINE, kind);
        }
      }
      return Optional.empty();
    } catch (EngineUnavailableException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
