package dev.fovea.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A service's figures in Prometheus' text format 0.0.4. Values that are read when asked need no
 * library: nothing is recorded here.
 */
public final class Metrics {
  /** How an HTTP answer calls the format. */
  public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  /** What a figure does over time. */
  public enum Kind {
    COUNTER,
    GAUGE
  }

  private record Figure(
      String name, Kind kind, String help, Supplier<Map<String, Double>> byLabels) {}

  private final List<Figure> figures = new ArrayList<>();

  /** Adds a figure without labels; call before serving. */
  public Metrics add(String name, Kind kind, String help, Supplier<? extends Number> value) {
    return addByLabels(name, kind, help, () -> Map.of("", value.get().doubleValue()));
  }

  /**
   * Adds a figure with labels; call before serving.
   *
   * @param byLabels the value by label text, made by {@link #label}
   */
  public Metrics addByLabels(
      String name, Kind kind, String help, Supplier<Map<String, Double>> byLabels) {
    figures.add(new Figure(name, kind, help, byLabels));
    return this;
  }

  /** Label text: {@code {name="value"}}, the value escaped. */
  public static String label(String name, String value) {
    String escaped = value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    return "{" + name + "=\"" + escaped + "\"}";
  }

  /** All figures, as they are now. */
  public String text() {
    StringBuilder text = new StringBuilder(4_096);
    for (Figure figure : figures) {
      text.append("# HELP ").append(figure.name).append(' ').append(figure.help).append('\n');
      text.append("# TYPE ")
          .append(figure.name)
          .append(figure.kind == Kind.COUNTER ? " counter\n" : " gauge\n");
      figure
          .byLabels
          .get()
          .forEach(
              (labels, value) ->
                  text.append(figure.name).append(labels).append(' ').append(value).append('\n'));
    }
    return text.toString();
  }
}
