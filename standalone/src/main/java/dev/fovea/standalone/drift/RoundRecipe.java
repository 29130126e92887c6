package dev.fovea.standalone.drift;

import com.typesafe.config.ConfigFactory;
import dev.fovea.detector.model.ModelManifest;
import dev.fovea.trainer.TrainSettings;
import java.util.HashMap;
import java.util.Map;

/**
 * How a model is fine-tuned on some dozens of frames: the recipe it was trained by, with what a
 * short run wants otherwise.
 */
public final class RoundRecipe {
  /** Half of what the model was trained with from nothing. */
  public static final double LEARNING_RATE = 0.001;

  private RoundRecipe() {}

  /**
   * The recipe.
   *
   * @param model that says in its manifest how it was trained
   * @param batch pictures a step
   * @throws IllegalArgumentException if it does not say
   */
  public static TrainSettings of(ModelManifest model, int batch) {
    String trained = model.provenance().get("settings");
    if (trained == null) {
      throw new IllegalArgumentException(
          "model " + model.name() + " does not say how it was trained: take one of `fovea train`");
    }
    Map<String, String> set = new HashMap<>();
    set.put("schedule.batch", String.valueOf(batch));
    set.put("schedule.evaluate-every", "0");
    set.put("optimizer.warm-up-steps", "10");
    // The average of the last steps: one over hundreds would still be the old model.
    set.put("optimizer.average-decay", "0.95");
    return TrainSettings.with(set, ConfigFactory.parseString(trained));
  }
}
