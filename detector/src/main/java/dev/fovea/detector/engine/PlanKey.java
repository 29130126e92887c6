package dev.fovea.detector.engine;

import java.util.Locale;
import java.util.Properties;

/**
 * What a plan is of, and what it is for; with any other of these it is another plan.
 *
 * @param gpu where it was built, and where alone it runs
 * @param modelSha256 of the release's {@code model.onnx}
 * @param fp16 whether its layers may run in half precision
 * @param batch frames of a run
 */
record PlanKey(Gpu gpu, String modelSha256, boolean fp16, int batch) {
  /** Changes when Fovea builds plans in another way. */
  private static final String BUILD = "1";

  private static final int SUM_CHARACTERS = 12;

  /** A name without an ending, for people; {@link #properties} is what counts. */
  String fileName() {
    return String.join(
        "_",
        plain(gpu.name()),
        "sm" + plain(gpu.computeCapability()),
        "driver" + plain(gpu.driver()),
        "trt" + plain(gpu.tensorRt()),
        modelSha256.substring(0, SUM_CHARACTERS),
        precision(),
        "batch" + batch);
  }

  String precision() {
    return fp16 ? "fp16" : "fp32";
  }

  Properties properties() {
    Properties properties = new Properties();
    properties.setProperty("build", BUILD);
    properties.setProperty("gpu", gpu.name());
    properties.setProperty("compute-capability", gpu.computeCapability());
    properties.setProperty("driver", gpu.driver());
    properties.setProperty("tensorrt", gpu.tensorRt());
    properties.setProperty("model-sha256", modelSha256);
    properties.setProperty("precision", precision());
    properties.setProperty("batch", Integer.toString(batch));
    return properties;
  }

  private static String plain(String text) {
    return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.]+", "-");
  }
}
