package dev.fovea.standalone.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fovea.schema.avro.LabelledBox;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How well a box on the screen, {label, x1, y1, x2, y2} in pixels of the frame, lies on what is
 * really there.
 */
final class Overlap {

  private Overlap() {}

  /** The highest IoU with an object of the box's class, 0 to 1. */
  static double best(JsonNode box, @Nullable List<LabelledBox> truth) {
    double best = 0;
    for (LabelledBox object : truth == null ? List.<LabelledBox>of() : truth) {
      if (object.getLabel().equals(box.get("label").asText())) {
        best = Math.max(best, iou(box, object));
      }
    }
    return best;
  }

  private static double iou(JsonNode a, LabelledBox b) {
    double width =
        Math.min(a.get("x2").asDouble(), b.getX2()) - Math.max(a.get("x1").asDouble(), b.getX1());
    double height =
        Math.min(a.get("y2").asDouble(), b.getY2()) - Math.max(a.get("y1").asDouble(), b.getY1());
    double both = Math.max(0, width) * Math.max(0, height);
    double areaA =
        (a.get("x2").asDouble() - a.get("x1").asDouble())
            * (a.get("y2").asDouble() - a.get("y1").asDouble());
    double areaB = (double) (b.getX2() - b.getX1()) * (b.getY2() - b.getY1());
    return both / (areaA + areaB - both);
  }
}
