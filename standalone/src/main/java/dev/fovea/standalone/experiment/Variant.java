package dev.fovea.standalone.experiment;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One loss that is tried.
 *
 * @param id in file names and for {@code --runs}
 * @param name as the page has it
 * @param settings on top of the recipe
 * @param paper what the paper has for it
 */
record Variant(String id, String name, Map<String, String> settings, Paper paper) {
  /**
   * A row of the paper (Lin et al. 2017), COCO minival.
   *
   * @param place table and row
   * @param figures AP and AP50, in percent; empty where training diverged
   */
  record Paper(String place, Optional<Figures> figures) {
    /** AP and AP50, percent. */
    record Figures(double ap, double ap50) {}

    static Paper of(String place, double ap, double ap50) {
      return new Paper(place, Optional.of(new Figures(ap, ap50)));
    }
  }

  Variant {
    settings = Map.copyOf(settings);
  }

  /** The experiment's, in the page's order. */
  static List<Variant> all() {
    return List.of(
        new Variant(
            "ce-no-prior",
            "CE, no prior",
            Map.of("loss.classes", "cross-entropy", "network.prior", "0.5"),
            new Paper("§5.1", Optional.empty())),
        new Variant(
            "ce", "CE", Map.of("loss.classes", "cross-entropy"), Paper.of("1a, α .5", 30.2, 46.7)),
        new Variant(
            "balanced-ce",
            "balanced CE, α .25",
            Map.of("loss.classes", "balanced-cross-entropy", "loss.alpha", "0.25"),
            Paper.of("1a, α .25", 10.8, 16.0)),
        new Variant(
            "ohem",
            "OHEM, 128, NMS .5",
            Map.of("loss.classes", "ohem", "loss.ohem.examples", "128", "loss.ohem.nms-iou", "0.5"),
            Paper.of("1d, ResNet-101", 32.8, 50.3)),
        focal("fl-0", "0", "0.75", Paper.of("1b, γ 0", 31.1, 49.4)),
        focal("fl-0.5", "0.5", "0.5", Paper.of("1b, γ .5", 32.9, 51.7)),
        focal("fl-1", "1", "0.25", Paper.of("1b, γ 1", 33.7, 52.0)),
        focal("fl-2", "2", "0.25", Paper.of("1b, γ 2", 34.0, 52.5)),
        focal("fl-5", "5", "0.25", Paper.of("1b, γ 5", 32.2, 49.6)));
  }

  private static Variant focal(String id, String gamma, String alpha, Paper paper) {
    return new Variant(
        id,
        "FL, γ %s, α %s".formatted(gamma, alpha).replace(" 0.", " ."),
        Map.of("loss.classes", "focal", "loss.gamma", gamma, "loss.alpha", alpha),
        paper);
  }

  /** The settings in a fixed order. */
  Map<String, String> ordered() {
    return new TreeMap<>(settings);
  }
}
