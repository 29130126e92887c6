package dev.fovea.detector.engine;

/** The runtimes there are adapters for. */
public enum EngineKind {
  /** ONNX Runtime on the CPU; runs everywhere. */
  ONNXRUNTIME,
  /** TensorRT on an NVIDIA GPU. */
  TENSORRT;

  /** Its name in configuration files: lower case. */
  public String key() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  /**
   * Reads a configuration value.
   *
   * @throws IllegalArgumentException naming the value and what is allowed
   */
  public static EngineKind of(String key) {
    for (EngineKind kind : values()) {
      if (kind.key().equals(key)) {
        return kind;
      }
    }
    throw new IllegalArgumentException(
        "engine must be onnxruntime or tensorrt, not \"" + key + "\"");
  }
}
