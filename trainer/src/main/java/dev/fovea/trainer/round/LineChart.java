package dev.fovea.trainer.round;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A line chart as inline SVG: horizontal grid, y from zero, labels at the lines' ends instead of a
 * legend, so that nothing is told by colour alone.
 */
final class LineChart {
  private static final int WIDTH = 420;
  private static final int HEIGHT = 230;
  private static final int LEFT = 40;
  private static final int RIGHT = 84;
  private static final int TOP = 12;
  private static final int BOTTOM = 36;
  private static final int LINES = 4;
  private static final int LABEL_PX = 14;

  private final String title;
  private final String xLabel;
  private final double xMax;
  private final double yMax;
  private final List<Line> lines = new ArrayList<>();

  /**
   * A line.
   *
   * @param colour 1 to 7, the house's
   * @param dashed of what was before
   * @param points x and y
   */
  record Line(String label, int colour, boolean dashed, List<double[]> points) {}

  LineChart(String title, String xLabel, double xMax, double yMax) {
    this.title = title;
    this.xLabel = xLabel;
    this.xMax = xMax;
    this.yMax = yMax;
  }

  LineChart line(Line line) {
    if (!line.points().isEmpty()) {
      lines.add(line);
    }
    return this;
  }

  void writeTo(Markup out) {
    out.raw("<figure><figcaption>").text(title).raw("</figcaption>");
    if (lines.isEmpty()) {
      out.raw("<p class=\"none\">Nothing was measured.</p></figure>");
      return;
    }
    out.format("<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", WIDTH, HEIGHT)
        .text(title)
        .raw("\">");
    grid(out);
    double[] labels = labelPlaces();
    for (int i = 0; i < lines.size(); i++) {
      line(out, lines.get(i), labels[i]);
    }
    out.raw("</svg></figure>");
  }

  private void grid(Markup out) {
    for (int i = 0; i <= LINES; i++) {
      double value = yMax * i / LINES;
      out.format(
          "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>",
          LEFT, WIDTH - RIGHT, y(value), y(value));
      out.format(
              "<text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">",
              LEFT - 6, y(value) + 4)
          .text(number(value))
          .raw("</text>");
      out.format(
              "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">",
              x(xMax * i / LINES), HEIGHT - BOTTOM + 15)
          .text(number(xMax * i / LINES))
          .raw("</text>");
    }
    out.format(
            "<text class=\"tick\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">",
            (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 4)
        .text(xLabel)
        .raw("</text>");
  }

  /** The lines' ends, pushed apart so that no label lies on another. */
  private double[] labelPlaces() {
    double[] places = new double[lines.size()];
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < places.length; i++) {
      List<double[]> points = lines.get(i).points();
      places[i] = y(points.get(points.size() - 1)[1]);
      order.add(i);
    }
    order.sort((a, b) -> Double.compare(places[a], places[b]));
    double above = Double.NEGATIVE_INFINITY;
    for (int i : order) {
      places[i] = Math.max(places[i], above + LABEL_PX);
      above = places[i];
    }
    double over = Math.max(0, above - (HEIGHT - BOTTOM));
    for (int i : order) {
      places[i] -= over;
    }
    return places;
  }

  private void line(Markup out, Line line, double labelY) {
    out.format(
        "<polyline class=\"line line-%d%s\" points=\"",
        line.colour(), line.dashed() ? " dashed" : "");
    for (double[] point : line.points()) {
      out.format("%.1f,%.1f ", x(point[0]), y(point[1]));
    }
    out.raw("\"/>");
    if (line.points().size() == 1) {
      out.format(
          "<circle class=\"line-%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>",
          line.colour(), x(line.points().get(0)[0]), y(line.points().get(0)[1]));
    }
    out.format(
            "<text class=\"label line-%d\" x=\"%d\" y=\"%.1f\">",
            line.colour(), WIDTH - RIGHT + 6, labelY + 4)
        .text(shortened(line.label()))
        .raw("</text>");
  }

  private static String shortened(String label) {
    return label.length() <= 12 ? label : label.substring(0, 11) + "…";
  }

  private double x(double value) {
    return LEFT + (WIDTH - LEFT - RIGHT) * value / xMax;
  }

  private double y(double value) {
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - Math.min(value, yMax) / yMax);
  }

  private static String number(double value) {
    if (value >= 10) {
      return String.format(Locale.ROOT, "%.0f", value);
    }
    return String.format(Locale.ROOT, value == Math.rint(value) ? "%.0f" : "%.2f", value);
  }
}
