package dev.fovea.trainer;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import dev.fovea.schema.StrictConfig;
import dev.fovea.trainer.settings.AnchorSettings;
import dev.fovea.trainer.settings.AugmentationSettings;
import dev.fovea.trainer.settings.Block;
import dev.fovea.trainer.settings.DecodingSettings;
import dev.fovea.trainer.settings.InputSettings;
import dev.fovea.trainer.settings.InputSize;
import dev.fovea.trainer.settings.LossSettings;
import dev.fovea.trainer.settings.MatchingSettings;
import dev.fovea.trainer.settings.NetworkSettings;
import dev.fovea.trainer.settings.OptimizerSettings;
import dev.fovea.trainer.settings.ScheduleSettings;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Everything of a training run that can be set. Meanings, units and defaults are in {@code
 * reference.conf}; a value out of its range is refused with the key's name and the rule.
 */
public record TrainSettings(
    InputSettings input,
    NetworkSettings network,
    AnchorSettings anchors,
    MatchingSettings matching,
    LossSettings loss,
    OptimizerSettings optimizer,
    ScheduleSettings schedule,
    AugmentationSettings augmentation,
    DecodingSettings decoding) {

  public TrainSettings {
    for (InputSize size : input.sizes()) {
      Block.require(
          3L * schedule.batch() * size.widthPx() * size.heightPx() <= Integer.MAX_VALUE,
          "schedule.batch",
          schedule.batch(),
          "so that a batch of %dx%d has less than 2^31 values"
              .formatted(size.widthPx(), size.heightPx()));
    }
  }

  private static final Set<String> FREE_ON_RESUME =
      Set.of(
          "schedule.evaluate-every",
          "schedule.evaluate-images",
          "schedule.checkpoint-every",
          "schedule.threads",
          "schedule.cache-mb");

  /** All defaults. */
  public static TrainSettings defaults() {
    return with(Map.of());
  }

  /**
   * Defaults with some keys set, as {@code --set} has them.
   *
   * @param overrides dotted key to value as text, such as {@code network.depth} to {@code 34}
   * @throws IllegalArgumentException naming the key, the value and the rule broken
   */
  public static TrainSettings with(Map<String, String> overrides) {
    return with(overrides, ConfigFactory.empty());
  }

  /**
   * A user's configuration with some keys set over it.
   *
   * @param overrides dotted key to value as text
   * @param user on top of {@code reference.conf}
   * @throws IllegalArgumentException naming the key, the value and the rule broken
   */
  public static TrainSettings with(Map<String, String> overrides, Config user) {
    Config config = ConfigFactory.empty();
    for (Map.Entry<String, String> entry : new TreeMap<>(overrides).entrySet()) {
      String value = entry.getValue().strip();
      config =
          value.startsWith("[")
              ? config.withFallback(ConfigFactory.parseString(entry.getKey() + "=" + value))
              : config.withValue(
                  entry.getKey(), ConfigValueFactory.fromAnyRef(value, "--set " + entry.getKey()));
    }
    return from(config.withFallback(user));
  }

  /**
   * Settings from a user's configuration on top of {@code reference.conf}.
   *
   * @throws IllegalArgumentException naming the key, the value and the rule broken
   */
  public static TrainSettings from(Config user) {
    try {
      return read(StrictConfig.load(TrainSettings.class, user, Set.of(), Map.of()));
    } catch (ConfigException e) {
      throw new IllegalArgumentException(StrictConfig.explain(e), e);
    }
  }

  private static TrainSettings read(Config config) {
    return new TrainSettings(
        InputSettings.BLOCK.read(config),
        NetworkSettings.BLOCK.read(config),
        AnchorSettings.BLOCK.read(config),
        MatchingSettings.BLOCK.read(config),
        LossSettings.BLOCK.read(config),
        OptimizerSettings.BLOCK.read(config),
        ScheduleSettings.BLOCK.read(config),
        AugmentationSettings.BLOCK.read(config),
        DecodingSettings.BLOCK.read(config));
  }

  /**
   * These settings for pictures of another size.
   *
   * @throws IllegalArgumentException naming the side and the rule broken
   */
  public TrainSettings withInputSize(int widthPx, int heightPx) {
    return new TrainSettings(
        input.withSize(widthPx, heightPx),
        network,
        anchors,
        matching,
        loss,
        optimizer,
        schedule,
        augmentation,
        decoding);
  }

  /** These settings in the form that {@link #from} reads, one line; checkpoints carry it. */
  public String render() {
    return ConfigFactory.parseMap(values()).root().render(ConfigRenderOptions.concise());
  }

  /** The settings that decide what a run computes, by key; a resumed run must have the same. */
  public Map<String, Object> decisive() {
    Map<String, Object> values = values();
    values.keySet().removeAll(FREE_ON_RESUME);
    if (schedule.patience() > 0) {
      values.put("schedule.evaluate-every", schedule.evaluateEvery());
      values.put("schedule.evaluate-images", schedule.evaluateImages());
    }
    return values;
  }

  private Map<String, Object> values() {
    Map<String, Object> values = new TreeMap<>();
    values.putAll(InputSettings.BLOCK.values(input));
    values.putAll(NetworkSettings.BLOCK.values(network));
    values.putAll(AnchorSettings.BLOCK.values(anchors));
    values.putAll(MatchingSettings.BLOCK.values(matching));
    values.putAll(LossSettings.BLOCK.values(loss));
    values.putAll(OptimizerSettings.BLOCK.values(optimizer));
    values.putAll(ScheduleSettings.BLOCK.values(schedule));
    values.putAll(AugmentationSettings.BLOCK.values(augmentation));
    values.putAll(DecodingSettings.BLOCK.values(decoding));
    return values;
  }
}
