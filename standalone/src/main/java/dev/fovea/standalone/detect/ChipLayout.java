package dev.fovea.standalone.detect;

import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where chips go, by the dashboard's rule: above the box, below it, right-aligned or beside it;
 * first where the chip covers no box, then where it covers no other chip; else nowhere. Ask for the
 * surest detection first. Lengths are pixels of the picture.
 */
final class ChipLayout {
  static final int HEIGHT_PX = 17;

  /** The casing's outer edge, from the middle of the box's line. */
  private static final int OUTER_PX = 2;

  private final Rectangle2D picture;
  private final List<Rectangle2D> boxes;
  private final List<Rectangle2D> taken = new ArrayList<>();

  /**
   * @param boxes all that are drawn
   */
  ChipLayout(int widthPx, int heightPx, List<Rectangle2D> boxes) {
    this.picture = new Rectangle2D.Double(0, 0, widthPx, heightPx);
    this.boxes = List.copyOf(boxes);
  }

  /** Takes a place for the chip of a box; empty where there is none. */
  Optional<Rectangle2D> place(Rectangle2D box, double chipWidthPx) {
    List<Rectangle2D> free =
        spots(box, chipWidthPx)
            .filter(picture::contains)
            .filter(spot -> taken.stream().noneMatch(spot::intersects))
            .toList();
    Optional<Rectangle2D> best =
        free.stream()
            .filter(
                spot ->
                    boxes.stream().noneMatch(other -> !other.equals(box) && spot.intersects(other)))
            .findFirst()
            .or(() -> free.stream().findFirst());
    best.ifPresent(taken::add);
    return best;
  }

  private static Stream<Rectangle2D> spots(Rectangle2D box, double width) {
    double left = box.getX() - OUTER_PX;
    double right = box.getMaxX() + OUTER_PX;
    double top = box.getY() - OUTER_PX;
    double above = top - HEIGHT_PX;
    double below = box.getMaxY() + OUTER_PX;
    return Stream.of(
        spot(left, above, width),
        spot(left, below, width),
        spot(right - width, above, width),
        spot(right - width, below, width),
        spot(right, top, width),
        spot(left - width, top, width));
  }

  private static Rectangle2D spot(double x, double y, double width) {
    return new Rectangle2D.Double(x, y, width, HEIGHT_PX);
  }
}
