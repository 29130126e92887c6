package dev.fovea.detector.engine;

/**
 * The GPU that models run on, and what runs them: a plan fits exactly these.
 *
 * @param name as its driver says it, such as {@code NVIDIA H100 80GB HBM3}
 * @param computeCapability such as {@code 9.0}
 * @param driver version of NVIDIA's driver, such as {@code 535.104.05}
 * @param tensorRt version of TensorRT, such as {@code 8.6.1}
 */
public record Gpu(String name, String computeCapability, String driver, String tensorRt) {
  @Override
  public String toString() {
    return "%s (%s), driver %s, TensorRT %s".formatted(name, computeCapability, driver, tensorRt);
  }
}
