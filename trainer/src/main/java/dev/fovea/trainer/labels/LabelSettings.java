package dev.fovea.trainer.labels;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import dev.fovea.detector.model.PictureLimits;
import dev.fovea.schema.StrictConfig;
import java.util.HashSet;
import java.util.List;

/**
 * Rules for annotations and the data set made of them; {@code reference.conf} beside this class
 * says what each means.
 *
 * @param validationFraction share of the groups that the hold-out takes, 0 to 1
 * @param classes the only classes accepted, in label order; empty = classes are added as they come
 * @param maxClasses most classes of the data set
 * @param maxBoxes most boxes of a picture
 * @param picture what a picture may demand
 */
public record LabelSettings(
    double validationFraction,
    List<String> classes,
    int maxClasses,
    int maxBoxes,
    PictureLimits picture) {

  public LabelSettings {
    classes = List.copyOf(classes);
    if (!(validationFraction >= 0 && validationFraction <= 1)) {
      throw new IllegalArgumentException(
          "validation fraction " + validationFraction + ": must be from 0 to 1");
    }
    if (maxClasses < 1 || maxBoxes < 1) {
      throw new IllegalArgumentException(
          "at most " + maxClasses + " classes and " + maxBoxes + " boxes: must be at least 1");
    }
  }

  /** As in the reference. */
  public static LabelSettings defaults() {
    return from(
        ConfigFactory.parseResources(
                LabelSettings.class,
                "reference.conf",
                ConfigParseOptions.defaults().setAllowMissing(false))
            .resolve());
  }

  /**
   * Reads the {@code labels} block of a configuration that has all its keys.
   *
   * @throws ConfigException if a value is out of its range
   */
  public static LabelSettings from(Config config) {
    return new LabelSettings(
        StrictConfig.doubleBetween(config, "labels.validation-fraction", 0, 1),
        classes(config),
        StrictConfig.intBetween(config, "labels.max-classes", 1, 10_000),
        StrictConfig.intBetween(config, "labels.max-boxes", 1, 100_000),
        PictureLimits.DEFAULT);
  }

  private static List<String> classes(Config config) {
    String key = "labels.classes";
    List<String> classes = config.getStringList(key);
    if (new HashSet<>(classes).size() != classes.size()) {
      throw StrictConfig.refuse(config, key, "must name each class once");
    }
    for (String name : classes) {
      if (!ClassName.isValid(name)) {
        throw StrictConfig.refuse(config, key, ClassName.RULE);
      }
    }
    return classes;
  }
}
