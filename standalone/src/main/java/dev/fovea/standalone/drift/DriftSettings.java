package dev.fovea.standalone.drift;

import java.nio.file.Path;

/**
 * Where the story takes place.
 *
 * @param plan how it goes
 * @param model release folder of the model that knows the day alone
 * @param dataFolder of broker, store, labels, rounds, releases and logs; empty at the start
 * @param httpPort port of the dashboard
 * @param kafkaPort port of the broker; 0 = any free one
 * @param trainerClassPath class path of the trainer's process, PyTorch included
 */
public record DriftSettings(
    DriftPlan plan,
    Path model,
    Path dataFolder,
    int httpPort,
    int kafkaPort,
    String trainerClassPath) {

  Path trainerFolder() {
    return dataFolder.resolve("trainer");
  }

  Path trainerLog() {
    return dataFolder.resolve("trainer.log");
  }
}
