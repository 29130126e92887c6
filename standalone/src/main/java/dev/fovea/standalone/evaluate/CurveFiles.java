package dev.fovea.standalone.evaluate;

import dev.fovea.trainer.evaluate.PrecisionRecall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Precision-recall curves as a table of all, and a plot of those at IoU .5 and .75, a panel a
 * class.
 */
public final class CurveFiles {
  private static final int COLUMNS = 5;
  private static final int SIDE_PX = 160;
  private static final int GAP_PX = 32;
  private static final int TITLE_PX = 34;

  /**
   * IoU of the lines that are drawn, and their colours: Okabe and Ito's, told apart by everyone.
   */
  private static final Map<Double, String> LINES = Map.of(0.5, "#0072b2", 0.75, "#d55e00");

  private CurveFiles() {}

  /** Writes {@code precision-recall.csv} and {@code precision-recall.svg}. */
  public static void write(Path folder, List<PrecisionRecall> curves) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("precision-recall.csv"), csv(curves));
    Files.writeString(folder.resolve("precision-recall.svg"), svg(curves));
  }

  private static String csv(List<PrecisionRecall> curves) {
    StringBuilder text = new StringBuilder("class,iou,recall,precision\n");
    for (PrecisionRecall curve : curves) {
      for (int r = 0; r < curve.precision().size(); r++) {
        text.append(
            String.format(
                Locale.ROOT,
                "%s,%.2f,%.2f,%.6f%n",
                quoted(curve.label()),
                curve.iou(),
                r / 100.0,
                curve.precision().get(r)));
      }
    }
    return text.toString();
  }

  private static String quoted(String value) {
    return value.matches("[\\w .-]+") ? value : '"' + value.replace("\"", "\"\"") + '"';
  }

  private static String svg(List<PrecisionRecall> curves) {
    Map<String, List<PrecisionRecall>> byClass =
        curves.stream()
            .filter(curve -> LINES.containsKey(curve.iou()))
            .collect(
                Collectors.groupingBy(
                    PrecisionRecall::label, LinkedHashMap::new, Collectors.toList()));
    int columns = Math.max(2, Math.min(COLUMNS, byClass.size()));
    int rows = (byClass.size() + columns - 1) / columns;
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                + "font-family=\"sans-serif\" font-size=\"12\" fill=\"#333\">%n"
                + "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>%n",
            GAP_PX + columns * (SIDE_PX + GAP_PX),
            rows * (SIDE_PX + GAP_PX + TITLE_PX) + 2 * GAP_PX));
    text(svg, GAP_PX, 20, "precision (up) against recall (right), 0 to 1; IoU .5 and .75");
    int index = 0;
    for (Map.Entry<String, List<PrecisionRecall>> ofClass : byClass.entrySet()) {
      int left = GAP_PX + index % columns * (SIDE_PX + GAP_PX);
      int top = GAP_PX + TITLE_PX + index / columns * (SIDE_PX + GAP_PX + TITLE_PX);
      panel(svg, ofClass.getKey(), ofClass.getValue(), left, top);
      index++;
    }
    return svg.append("</svg>\n").toString();
  }

  private static void panel(
      StringBuilder svg, String label, List<PrecisionRecall> curves, int left, int top) {
    text(svg, left, top - 22, escaped(label));
    for (int part = 0; part <= 4; part++) {
      int at = SIDE_PX * part / 4;
      line(svg, left, top + at, left + SIDE_PX, top + at);
      line(svg, left + at, top, left + at, top + SIDE_PX);
    }
    int figureLeft = left;
    for (PrecisionRecall curve : curves) {
      String colour = LINES.getOrDefault(curve.iou(), "");
      double area = curve.precision().stream().mapToDouble(Double::doubleValue).average().orElse(0);
      svg.append("<g fill=\"").append(colour).append("\">");
      text(
          svg,
          figureLeft,
          top - 6,
          String.format(Locale.ROOT, "AP%.0f %.3f", curve.iou() * 100, area));
      svg.append("</g><polyline fill=\"none\" stroke-width=\"2\" stroke=\"")
          .append(colour)
          .append("\" points=\"");
      for (int r = 0; r < curve.precision().size(); r++) {
        svg.append(
            String.format(
                Locale.ROOT,
                "%.1f,%.1f ",
                left + SIDE_PX * r / 100.0,
                top + SIDE_PX * (1 - curve.precision().get(r))));
      }
      svg.append("\"/>\n");
      figureLeft += SIDE_PX / 2;
    }
  }

  private static void line(StringBuilder svg, int x1, int y1, int x2, int y2) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#ddd\"/>%n",
            x1,
            y1,
            x2,
            y2));
  }

  private static void text(StringBuilder svg, int x, int y, String text) {
    svg.append(String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\">%s</text>%n", x, y, text));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }
}
