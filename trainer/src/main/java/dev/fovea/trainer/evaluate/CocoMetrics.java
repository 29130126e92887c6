package dev.fovea.trainer.evaluate;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The twelve figures of COCO's evaluation, 0 to 1, or −1 where there is nothing to measure.
 *
 * @param ap mean over IoU .50:.05:.95 and classes
 * @param ar1 recall with one detection a picture; likewise ar10, ar100
 * @param classAp every class's AP, in label order
 * @param classAp50 every class's AP at IoU .5, in label order
 */
public record CocoMetrics(
    double ap,
    double ap50,
    double ap75,
    double apSmall,
    double apMedium,
    double apLarge,
    double ar1,
    double ar10,
    double ar100,
    double arSmall,
    double arMedium,
    double arLarge,
    Map<String, Double> classAp,
    Map<String, Double> classAp50) {

  public CocoMetrics {
    classAp = Collections.unmodifiableMap(new LinkedHashMap<>(classAp));
    classAp50 = Collections.unmodifiableMap(new LinkedHashMap<>(classAp50));
  }

  /**
   * Figures by COCO's names, then {@code AP/class} and {@code AP50/class}; undefined ones left out.
   */
  public Map<String, Double> byName() {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("AP", ap);
    figures.put("AP50", ap50);
    figures.put("AP75", ap75);
    figures.put("APsmall", apSmall);
    figures.put("APmedium", apMedium);
    figures.put("APlarge", apLarge);
    figures.put("AR1", ar1);
    figures.put("AR10", ar10);
    figures.put("AR100", ar100);
    figures.put("ARsmall", arSmall);
    figures.put("ARmedium", arMedium);
    figures.put("ARlarge", arLarge);
    classAp.forEach((name, value) -> figures.put("AP/" + name, value));
    classAp50.forEach((name, value) -> figures.put("AP50/" + name, value));
    figures.values().removeIf(value -> value < 0);
    return figures;
  }
}
