package dev.fovea.trainer.settings;

import static dev.fovea.trainer.settings.Block.require;

/** Block {@code schedule}: how long a run is, and what happens during it. */
public record ScheduleSettings(
    int steps,
    int batch,
    double repeatThreshold,
    int evaluateEvery,
    int evaluateImages,
    int patience,
    int checkpointEvery,
    long seed,
    int threads,
    @Key("cache-mb") int cacheMegabytes) {

  /** Reads and renders it. */
  public static final Block<ScheduleSettings> BLOCK =
      new Block<>("schedule", ScheduleSettings.class);

  public ScheduleSettings {
    require(steps > 0, "schedule.steps", steps, "above 0");
    require(batch > 0, "schedule.batch", batch, "above 0");
    require(
        repeatThreshold >= 0 && repeatThreshold <= 1,
        "schedule.repeat-threshold",
        repeatThreshold,
        "between 0 and 1");
    require(evaluateEvery >= 0, "schedule.evaluate-every", evaluateEvery, "0 or more");
    require(evaluateImages >= 0, "schedule.evaluate-images", evaluateImages, "0 or more");
    require(patience >= 0, "schedule.patience", patience, "0 or more");
    require(
        patience == 0 || evaluateEvery > 0,
        "schedule.patience",
        patience,
        "0 unless schedule.evaluate-every is above 0");
    require(checkpointEvery > 0, "schedule.checkpoint-every", checkpointEvery, "above 0");
    require(threads >= 0, "schedule.threads", threads, "0 or more");
    require(cacheMegabytes >= 0, "schedule.cache-mb", cacheMegabytes, "0 or more");
  }
}
