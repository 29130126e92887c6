package dev.fovea.trainer;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import dev.fovea.detector.geometry.AnchorShapes;
import dev.fovea.detector.model.Fit;
import dev.fovea.schema.StrictConfig;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Everything of a training run that can be set. Meanings, units and defaults are in {@code
 * reference.conf}; a value out of its range is refused with the key's name and the rule.
 */
public record TrainSettings(
    Input input,
    Network network,
    AnchorShapes anchors,
    Matching matching,
    Loss loss,
    Optimizer optimizer,
    Schedule schedule,
    Augmentation augmentation,
    Decoding decoding) {

  private static final Set<String> FREE_ON_RESUME =
      Set.of(
          "schedule.evaluate-every",
          "schedule.evaluate-images",
          "schedule.checkpoint-every",
          "schedule.threads",
          "schedule.cache-mb");

  /** What the pyramid's P6 is made of. */
  public enum P6Source {
    C5,
    P5
  }

  /** Normalisation in the heads. */
  public enum HeadNorm {
    BATCH,
    GROUP,
    NONE
  }

  /** What decides which anchor is to find which box. */
  public enum MatchBy {
    IOU,
    ATSS
  }

  /** Loss on the classes. */
  public enum ClassLossKind {
    FOCAL,
    CROSS_ENTROPY,
    BALANCED_CROSS_ENTROPY,
    OHEM
  }

  /** Loss on the boxes. */
  public enum BoxLossKind {
    SMOOTH_L1,
    L1,
    GIOU
  }

  /** Section {@code input}. */
  public record Input(int widthPx, int heightPx, Fit fit, List<Double> mean, List<Double> scale) {
    public Input {
      require(
          widthPx > 0 && widthPx % 32 == 0, "input.width", widthPx, "a positive multiple of 32");
      require(
          heightPx > 0 && heightPx % 32 == 0,
          "input.height",
          heightPx,
          "a positive multiple of 32");
      require(mean.size() == 3, "input.mean", mean, "three numbers: red, green, blue");
      require(
          scale.size() == 3 && scale.stream().allMatch(s -> s > 0),
          "input.scale",
          scale,
          "three numbers above 0: red, green, blue");
      mean = List.copyOf(mean);
      scale = List.copyOf(scale);
    }
  }

  /** Section {@code network}. */
  public record Network(
      int depth,
      double widthFactor,
      int pyramidChannels,
      P6Source p6From,
      int headConvolutions,
      HeadNorm headNorm,
      double prior) {
    public Network {
      require(
          List.of(18, 34, 50, 101).contains(depth), "network.depth", depth, "18, 34, 50 or 101");
      require(
          widthFactor > 0 && widthFactor <= 4,
          "network.width-factor",
          widthFactor,
          "above 0 and at most 4");
      require(
          pyramidChannels >= 8 && pyramidChannels % 8 == 0,
          "network.pyramid-channels",
          pyramidChannels,
          "a positive multiple of 8");
      require(
          headConvolutions >= 0 && headConvolutions <= 8,
          "network.head-convolutions",
          headConvolutions,
          "0 to 8");
      require(prior > 0 && prior < 1, "network.prior", prior, "between 0 and 1");
    }
  }

  /** Section {@code matching}. */
  public record Matching(
      MatchBy by, double foregroundIou, double backgroundIou, boolean lowQuality, int nearest) {
    public Matching {
      require(nearest > 0, "matching.nearest", nearest, "above 0");
      require(
          foregroundIou > 0 && foregroundIou <= 1,
          "matching.foreground-iou",
          foregroundIou,
          "above 0 and at most 1");
      require(
          backgroundIou >= 0 && backgroundIou <= foregroundIou,
          "matching.background-iou",
          backgroundIou,
          "0 to matching.foreground-iou");
    }
  }

  /** Section {@code loss}. */
  public record Loss(
      ClassLossKind classes,
      double alpha,
      double gamma,
      Ohem ohem,
      BoxLossKind box,
      double beta,
      double boxWeight) {
    public Loss {
      require(alpha > 0 && alpha < 1, "loss.alpha", alpha, "between 0 and 1");
      require(gamma >= 0, "loss.gamma", gamma, "0 or more");
      require(beta > 0, "loss.beta", beta, "above 0");
      require(boxWeight > 0, "loss.box-weight", boxWeight, "above 0");
    }
  }

  /** Section {@code loss.ohem}. */
  public record Ohem(int examples, double nmsIou, int backgroundPerForeground) {
    public Ohem {
      require(examples > 0, "loss.ohem.examples", examples, "above 0");
      require(nmsIou >= 0 && nmsIou <= 1, "loss.ohem.nms-iou", nmsIou, "0 to 1");
      require(
          backgroundPerForeground >= 0,
          "loss.ohem.background-per-foreground",
          backgroundPerForeground,
          "0 or more");
    }
  }

  /** Section {@code optimizer}. */
  public record Optimizer(
      double learningRate,
      double weightDecay,
      int warmUpSteps,
      double finalFactor,
      double gradientNorm,
      double averageDecay) {
    public Optimizer {
      require(learningRate > 0, "optimizer.learning-rate", learningRate, "above 0");
      require(weightDecay >= 0, "optimizer.weight-decay", weightDecay, "0 or more");
      require(warmUpSteps >= 0, "optimizer.warm-up-steps", warmUpSteps, "0 or more");
      require(
          finalFactor >= 0 && finalFactor <= 1, "optimizer.final-factor", finalFactor, "0 to 1");
      require(gradientNorm > 0, "optimizer.gradient-norm", gradientNorm, "above 0");
      require(
          averageDecay >= 0 && averageDecay < 1,
          "optimizer.average-decay",
          averageDecay,
          "0 or more and below 1");
    }
  }

  /** Section {@code schedule}. */
  public record Schedule(
      int steps,
      int batch,
      int evaluateEvery,
      int evaluateImages,
      int checkpointEvery,
      long seed,
      int threads,
      int cacheMegabytes) {
    public Schedule {
      require(steps > 0, "schedule.steps", steps, "above 0");
      require(batch > 0, "schedule.batch", batch, "above 0");
      require(evaluateEvery >= 0, "schedule.evaluate-every", evaluateEvery, "0 or more");
      require(evaluateImages >= 0, "schedule.evaluate-images", evaluateImages, "0 or more");
      require(checkpointEvery > 0, "schedule.checkpoint-every", checkpointEvery, "above 0");
      require(threads >= 0, "schedule.threads", threads, "0 or more");
      require(cacheMegabytes >= 0, "schedule.cache-mb", cacheMegabytes, "0 or more");
    }
  }

  /** Section {@code augmentation}. */
  public record Augmentation(
      double flip,
      double flipVertical,
      double scaleMin,
      double scaleMax,
      double colour,
      double minVisible,
      double mosaic,
      double mosaicUntil) {
    public Augmentation {
      require(flip >= 0 && flip <= 1, "augmentation.flip", flip, "0 to 1");
      require(
          flipVertical >= 0 && flipVertical <= 1,
          "augmentation.flip-vertical",
          flipVertical,
          "0 to 1");
      require(scaleMin > 0, "augmentation.scale-min", scaleMin, "above 0");
      require(
          scaleMax >= scaleMin,
          "augmentation.scale-max",
          scaleMax,
          "at least augmentation.scale-min");
      require(colour >= 0 && colour < 1, "augmentation.colour", colour, "0 or more and below 1");
      require(minVisible >= 0 && minVisible <= 1, "augmentation.min-visible", minVisible, "0 to 1");
      require(mosaic >= 0 && mosaic <= 1, "augmentation.mosaic", mosaic, "0 to 1");
      require(
          mosaicUntil >= 0 && mosaicUntil <= 1, "augmentation.mosaic-until", mosaicUntil, "0 to 1");
    }
  }

  /** Section {@code decoding}. */
  public record Decoding(
      double scoreThreshold,
      double servingThreshold,
      double nmsIou,
      int topKPerLevel,
      int maxDetections) {
    public Decoding {
      require(
          scoreThreshold >= 0 && scoreThreshold < 1,
          "decoding.score-threshold",
          scoreThreshold,
          "0 or more and below 1");
      require(
          servingThreshold >= 0 && servingThreshold < 1,
          "decoding.serving-threshold",
          servingThreshold,
          "0 or more and below 1");
      require(nmsIou >= 0 && nmsIou <= 1, "decoding.nms-iou", nmsIou, "0 to 1");
      require(topKPerLevel > 0, "decoding.top-k-per-level", topKPerLevel, "above 0");
      require(maxDetections > 0, "decoding.max-detections", maxDetections, "above 0");
    }
  }

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

  private static TrainSettings read(Config c) {
    return new TrainSettings(
        new Input(
            c.getInt("input.width"),
            c.getInt("input.height"),
            choice(Fit.class, c, "input.fit"),
            c.getDoubleList("input.mean"),
            c.getDoubleList("input.scale")),
        new Network(
            c.getInt("network.depth"),
            c.getDouble("network.width-factor"),
            c.getInt("network.pyramid-channels"),
            choice(P6Source.class, c, "network.p6-from"),
            c.getInt("network.head-convolutions"),
            choice(HeadNorm.class, c, "network.head-norm"),
            c.getDouble("network.prior")),
        new AnchorShapes(
            c.getDouble("anchors.scale"),
            c.getDoubleList("anchors.ratios"),
            c.getDoubleList("anchors.octave-scales"),
            false),
        new Matching(
            choice(MatchBy.class, c, "matching.by"),
            c.getDouble("matching.foreground-iou"),
            c.getDouble("matching.background-iou"),
            c.getBoolean("matching.low-quality"),
            c.getInt("matching.nearest")),
        new Loss(
            choice(ClassLossKind.class, c, "loss.classes"),
            c.getDouble("loss.alpha"),
            c.getDouble("loss.gamma"),
            new Ohem(
                c.getInt("loss.ohem.examples"),
                c.getDouble("loss.ohem.nms-iou"),
                c.getInt("loss.ohem.background-per-foreground")),
            choice(BoxLossKind.class, c, "loss.box"),
            c.getDouble("loss.beta"),
            c.getDouble("loss.box-weight")),
        new Optimizer(
            c.getDouble("optimizer.learning-rate"),
            c.getDouble("optimizer.weight-decay"),
            c.getInt("optimizer.warm-up-steps"),
            c.getDouble("optimizer.final-factor"),
            c.getDouble("optimizer.gradient-norm"),
            c.getDouble("optimizer.average-decay")),
        new Schedule(
            c.getInt("schedule.steps"),
            c.getInt("schedule.batch"),
            c.getInt("schedule.evaluate-every"),
            c.getInt("schedule.evaluate-images"),
            c.getInt("schedule.checkpoint-every"),
            c.getLong("schedule.seed"),
            c.getInt("schedule.threads"),
            c.getInt("schedule.cache-mb")),
        new Augmentation(
            c.getDouble("augmentation.flip"),
            c.getDouble("augmentation.flip-vertical"),
            c.getDouble("augmentation.scale-min"),
            c.getDouble("augmentation.scale-max"),
            c.getDouble("augmentation.colour"),
            c.getDouble("augmentation.min-visible"),
            c.getDouble("augmentation.mosaic"),
            c.getDouble("augmentation.mosaic-until")),
        new Decoding(
            c.getDouble("decoding.score-threshold"),
            c.getDouble("decoding.serving-threshold"),
            c.getDouble("decoding.nms-iou"),
            c.getInt("decoding.top-k-per-level"),
            c.getInt("decoding.max-detections")));
  }

  /** These settings in the form that {@link #from} reads, one line; checkpoints carry it. */
  public String render() {
    return ConfigFactory.parseMap(values()).root().render(ConfigRenderOptions.concise());
  }

  /** The settings that decide what a run computes, by key; a resumed run must have the same. */
  public Map<String, Object> decisive() {
    Map<String, Object> values = values();
    values.keySet().removeAll(FREE_ON_RESUME);
    return values;
  }

  private Map<String, Object> values() {
    Map<String, Object> values = new TreeMap<>();
    values.put("input.width", input.widthPx);
    values.put("input.height", input.heightPx);
    values.put("input.fit", word(input.fit));
    values.put("input.mean", input.mean);
    values.put("input.scale", input.scale);
    values.put("network.depth", network.depth);
    values.put("network.width-factor", network.widthFactor);
    values.put("network.pyramid-channels", network.pyramidChannels);
    values.put("network.p6-from", word(network.p6From));
    values.put("network.head-convolutions", network.headConvolutions);
    values.put("network.head-norm", word(network.headNorm));
    values.put("network.prior", network.prior);
    values.put("anchors.scale", anchors.scale());
    values.put("anchors.ratios", anchors.ratios());
    values.put("anchors.octave-scales", anchors.octaveScales());
    values.put("matching.by", word(matching.by));
    values.put("matching.nearest", matching.nearest);
    values.put("matching.foreground-iou", matching.foregroundIou);
    values.put("matching.background-iou", matching.backgroundIou);
    values.put("matching.low-quality", matching.lowQuality);
    values.put("loss.classes", word(loss.classes));
    values.put("loss.alpha", loss.alpha);
    values.put("loss.gamma", loss.gamma);
    values.put("loss.ohem.examples", loss.ohem.examples);
    values.put("loss.ohem.nms-iou", loss.ohem.nmsIou);
    values.put("loss.ohem.background-per-foreground", loss.ohem.backgroundPerForeground);
    values.put("loss.box", word(loss.box));
    values.put("loss.beta", loss.beta);
    values.put("loss.box-weight", loss.boxWeight);
    values.put("optimizer.learning-rate", optimizer.learningRate);
    values.put("optimizer.weight-decay", optimizer.weightDecay);
    values.put("optimizer.warm-up-steps", optimizer.warmUpSteps);
    values.put("optimizer.final-factor", optimizer.finalFactor);
    values.put("optimizer.gradient-norm", optimizer.gradientNorm);
    values.put("optimizer.average-decay", optimizer.averageDecay);
    values.put("schedule.steps", schedule.steps);
    values.put("schedule.batch", schedule.batch);
    values.put("schedule.evaluate-every", schedule.evaluateEvery);
    values.put("schedule.evaluate-images", schedule.evaluateImages);
    values.put("schedule.checkpoint-every", schedule.checkpointEvery);
    values.put("schedule.seed", schedule.seed);
    values.put("schedule.threads", schedule.threads);
    values.put("schedule.cache-mb", schedule.cacheMegabytes);
    values.put("augmentation.flip", augmentation.flip);
    values.put("augmentation.flip-vertical", augmentation.flipVertical);
    values.put("augmentation.scale-min", augmentation.scaleMin);
    values.put("augmentation.scale-max", augmentation.scaleMax);
    values.put("augmentation.colour", augmentation.colour);
    values.put("augmentation.min-visible", augmentation.minVisible);
    values.put("augmentation.mosaic", augmentation.mosaic);
    values.put("augmentation.mosaic-until", augmentation.mosaicUntil);
    values.put("decoding.score-threshold", decoding.scoreThreshold);
    values.put("decoding.serving-threshold", decoding.servingThreshold);
    values.put("decoding.nms-iou", decoding.nmsIou);
    values.put("decoding.top-k-per-level", decoding.topKPerLevel);
    values.put("decoding.max-detections", decoding.maxDetections);
    return values;
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static <E extends Enum<E>> E choice(Class<E> type, Config config, String key) {
    String word = config.getString(key);
    TreeSet<String> words = new TreeSet<>();
    for (E value : type.getEnumConstants()) {
      if (word(value).equals(word)) {
        return value;
      }
      words.add(word(value));
    }
    throw new IllegalArgumentException(
        key + " = " + word + ": must be one of " + String.join(", ", words));
  }

  private static void require(boolean holds, String key, Object value, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(key + " = " + value + ": must be " + rule);
    }
  }
}
