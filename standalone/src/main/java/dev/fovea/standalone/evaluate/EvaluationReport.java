package dev.fovea.standalone.evaluate;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fovea.trainer.evaluate.CocoMetrics;
import dev.fovea.trainer.evaluate.ErrorBreakdown;
import dev.fovea.trainer.evaluate.ErrorBreakdown.Cause;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;

/** An evaluation for a person, or as JSON. */
public final class EvaluationReport {
  private static final String NONE = "    -";

  private final CocoMetrics metrics;
  private final ErrorBreakdown errors;

  public EvaluationReport(CocoMetrics metrics, ErrorBreakdown errors) {
    this.metrics = metrics;
    this.errors = errors;
  }

  /** Tables; a figure that nothing defines is a dash. */
  public void print(PrintWriter out) {
    out.printf("%n%-10s %7s %7s %7s %7s%n", "", "all", "small", "medium", "large");
    row(out, "AP", metrics.ap(), metrics.apSmall(), metrics.apMedium(), metrics.apLarge());
    row(out, "AP50", metrics.ap50());
    row(out, "AP75", metrics.ap75());
    row(out, "AR, 1", metrics.ar1());
    row(out, "AR, 10", metrics.ar10());
    row(out, "AR, 100", metrics.ar100(), metrics.arSmall(), metrics.arMedium(), metrics.arLarge());

    out.printf("%n%-24s %7s %7s%n", "class", "AP", "AP50");
    metrics
        .classAp()
        .forEach(
            (name, ap) ->
                out.printf(
                    "%-24s %7s %7s%n",
                    name, figure(ap), figure(metrics.classAp50().getOrDefault(name, -1.0))));

    out.printf("%n%-24s %7s %12s%n", "what AP50 is lost to", "count", "AP50 gain");
    for (Cause cause : Cause.values()) {
      ErrorBreakdown.Share share = errors.share(cause);
      out.printf(
          Locale.ROOT,
          "%-24s %7d %+12.3f  %s%n",
          word(cause),
          share.count(),
          share.ap50Gain(),
          meaning(cause));
    }
    out.flush();
  }

  private static void row(PrintWriter out, String name, double... figures) {
    out.printf("%-10s", name);
    for (double figure : figures) {
      out.printf(" %7s", figure(figure));
    }
    out.println();
  }

  private static String figure(double value) {
    return value < 0 ? NONE : String.format(Locale.ROOT, "%.3f", value);
  }

  private static String word(Cause cause) {
    return cause.name().toLowerCase(Locale.ROOT);
  }

  private static String meaning(Cause cause) {
    return switch (cause) {
      case CLASS -> "right place, wrong class";
      case PLACE -> "right class, overlap .1 to .5";
      case BOTH -> "wrong class, overlap .1 to .5";
      case DUPLICATE -> "a better one has the box";
      case BACKGROUND -> "nothing is there";
      case MISSED -> "boxes that no detection is near";
    };
  }

  /** The figures by COCO's names, −1 for those that nothing defines. */
  public String json() {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode();
    root.put("AP", metrics.ap());
    root.put("AP50", metrics.ap50());
    root.put("AP75", metrics.ap75());
    root.put("APsmall", metrics.apSmall());
    root.put("APmedium", metrics.apMedium());
    root.put("APlarge", metrics.apLarge());
    root.put("AR1", metrics.ar1());
    root.put("AR10", metrics.ar10());
    root.put("AR100", metrics.ar100());
    root.put("ARsmall", metrics.arSmall());
    root.put("ARmedium", metrics.arMedium());
    root.put("ARlarge", metrics.arLarge());
    perClass(root.putObject("perClassAP"), metrics.classAp());
    perClass(root.putObject("perClassAP50"), metrics.classAp50());
    ObjectNode causes = root.putObject("errors");
    for (Cause cause : Cause.values()) {
      causes
          .putObject(word(cause))
          .put("count", errors.share(cause).count())
          .put("ap50Gain", errors.share(cause).ap50Gain());
    }
    return root.toPrettyString();
  }

  private static void perClass(ObjectNode into, Map<String, Double> figures) {
    figures.forEach(into::put);
  }
}
