package dev.fovea.standalone.demo;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.fovea.schema.CameraId;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a demo runs.
 *
 * @param cameras source of each camera by its id, in the order of the wall
 * @param model release folder of the model
 * @param dataFolder where broker, store and log lie
 * @param httpPort port of the dashboard
 * @param kafkaPort port of the broker; 0 = any free one
 * @param detector settings of the detector on top of the demo's
 * @param sink settings of the sink on top of the demo's
 */
public record DemoSettings(
    Map<CameraId, String> cameras,
    Path model,
    Path dataFolder,
    int httpPort,
    int kafkaPort,
    Config detector,
    Config sink) {
  /** Two drawn streets, one by day and one by night. */
  public static final Map<CameraId, String> SYNTHETIC_CAMERAS = synthetic();

  public DemoSettings {
    cameras = new LinkedHashMap<>(cameras);
    if (cameras.isEmpty()) {
      throw new IllegalArgumentException("a demo needs at least one camera");
    }
  }

  /** Detector and sink as the demo has them. */
  public DemoSettings(
      Map<CameraId, String> cameras, Path model, Path dataFolder, int httpPort, int kafkaPort) {
    this(
        cameras,
        model,
        dataFolder,
        httpPort,
        kafkaPort,
        ConfigFactory.empty(),
        ConfigFactory.empty());
  }

  private static Map<CameraId, String> synthetic() {
    Map<CameraId, String> cameras = new LinkedHashMap<>();
    cameras.put(new CameraId("crossing-east"), "synthetic:?seed=11&night=false&fps=7");
    cameras.put(new CameraId("crossing-night"), "synthetic:?seed=12&night=true&fps=7");
    return cameras;
  }
}
