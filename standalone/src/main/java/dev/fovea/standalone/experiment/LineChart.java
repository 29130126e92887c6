package dev.fovea.standalone.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Lines over two axes as SVG. */
final class LineChart {
  /** Okabe and Ito's colours, told apart by everyone. */
  private static final List<String> COLOURS =
      List.of("#000000", "#0072b2", "#009e73", "#d55e00", "#cc79a7", "#e69f00");

  private static final int WIDTH_PX = 420;
  private static final int HEIGHT_PX = 280;
  private static final int LEFT_PX = 56;
  private static final int TOP_PX = 40;
  private static final int RIGHT_PX = 20;
  private static final int BOTTOM_PX = 48;
  private static final int PARTS = 5;
  private static final int LEGEND_LINE_PX = 18;

  private final String title;
  private final Axis x;
  private final Axis y;
  private final boolean legendRight;
  private final List<Line> lines = new ArrayList<>();

  /** An axis from 0. */
  record Axis(String label, double most) {}

  private record Line(String name, List<double[]> points) {}

  /**
   * @param legendRight the legend's corner at the top
   */
  LineChart(String title, Axis x, Axis y, boolean legendRight) {
    this.title = title;
    this.x = x;
    this.y = y;
    this.legendRight = legendRight;
  }

  /**
   * Adds a line.
   *
   * @param points x and y each; what is above the axis is cut off
   */
  LineChart line(String name, List<double[]> points) {
    lines.add(new Line(name, points));
    return this;
  }

  /** The chart as a file's content. */
  String svg() {
    StringBuilder svg = new StringBuilder();
    svg.append(
        format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                + " font-family=\"sans-serif\" font-size=\"12\" fill=\"#333\">%n<rect"
                + " width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>%n<clipPath id=\"plot\"><rect"
                + " x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/></clipPath>%n",
            LEFT_PX + WIDTH_PX + RIGHT_PX,
            TOP_PX + HEIGHT_PX + BOTTOM_PX,
            LEFT_PX,
            TOP_PX,
            WIDTH_PX,
            HEIGHT_PX));
    text(svg, LEFT_PX, 24, "start", 14, title);
    axes(svg);
    for (int i = 0; i < lines.size(); i++) {
      draw(svg, lines.get(i), COLOURS.get(i % COLOURS.size()));
    }
    legend(svg);
    return svg.append("</svg>\n").toString();
  }

  private void axes(StringBuilder svg) {
    for (int part = 0; part <= PARTS; part++) {
      int across = LEFT_PX + WIDTH_PX * part / PARTS;
      int down = TOP_PX + HEIGHT_PX - HEIGHT_PX * part / PARTS;
      grid(svg, across, TOP_PX, across, TOP_PX + HEIGHT_PX);
      grid(svg, LEFT_PX, down, LEFT_PX + WIDTH_PX, down);
      text(svg, across, TOP_PX + HEIGHT_PX + 16, "middle", 12, number(x.most * part / PARTS));
      text(svg, LEFT_PX - 6, down + 4, "end", 12, number(y.most * part / PARTS));
    }
    text(svg, LEFT_PX + WIDTH_PX / 2, TOP_PX + HEIGHT_PX + 36, "middle", 12, x.label);
    svg.append(
        format(
            "<text transform=\"translate(16,%d) rotate(-90)\" text-anchor=\"middle\">%s</text>%n",
            TOP_PX + HEIGHT_PX / 2, escaped(y.label)));
  }

  private void draw(StringBuilder svg, Line line, String colour) {
    svg.append(
        format(
            "<polyline clip-path=\"url(#plot)\" fill=\"none\" stroke-width=\"2\" stroke=\"%s\""
                + " points=\"",
            colour));
    for (double[] point : line.points) {
      svg.append(
          format(
              "%.1f,%.1f ",
              LEFT_PX + WIDTH_PX * point[0] / x.most,
              TOP_PX + HEIGHT_PX * (1 - Math.min(2, point[1] / y.most))));
    }
    svg.append("\"/>\n");
  }

  private void legend(StringBuilder svg) {
    int left = legendRight ? LEFT_PX + WIDTH_PX - 96 : LEFT_PX + 16;
    svg.append(
        format(
            "<rect x=\"%d\" y=\"%d\" width=\"88\" height=\"%d\" fill=\"#fff\""
                + " fill-opacity=\".85\"/>%n",
            left - 6, TOP_PX + 8, LEGEND_LINE_PX * lines.size() + 8));
    for (int i = 0; i < lines.size(); i++) {
      int middle = TOP_PX + 22 + LEGEND_LINE_PX * i;
      svg.append(
          format(
              "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke-width=\"2\" stroke=\"%s\"/>%n",
              left, middle, left + 22, middle, COLOURS.get(i % COLOURS.size())));
      text(svg, left + 28, middle + 4, "start", 12, lines.get(i).name);
    }
  }

  private static void grid(StringBuilder svg, int x1, int y1, int x2, int y2) {
    svg.append(
        format(
            "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#ddd\"/>%n", x1, y1, x2, y2));
  }

  private static void text(StringBuilder svg, int x, int y, String anchor, int size, String text) {
    svg.append(
        format(
            "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" font-size=\"%d\">%s</text>%n",
            x, y, anchor, size, escaped(text)));
  }

  private static String number(double value) {
    String text = format("%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }
}
