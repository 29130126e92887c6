package dev.fovea.trainer.data;

/**
 * Where a picture goes: scaled, shifted, perhaps mirrored, and cut to a rectangle of the network's
 * input. Coordinates are continuous: a pixel's centre lies at its index plus a half.
 */
record Placement(Axis x, Axis y) {

  /**
   * One axis: target = source · scale + offset, then mirrored within the rectangle.
   *
   * @param from the rectangle's first pixel
   * @param to the first beyond it
   */
  record Axis(double scale, double offset, int from, int to, boolean mirrored) {
    double source(double target) {
      double at = mirrored ? from + to - target : target;
      return (at - offset) / scale;
    }

    double target(double source) {
      double at = source * scale + offset;
      return mirrored ? from + to - at : at;
    }
  }

  /**
   * Moves a box, cut to the rectangle.
   *
   * @return the part of it that is still seen, by area; 0 if less than a pixel a side
   */
  double move(float[] boxes, int at, float[] to, int toAt) {
    double x1 = x.target(boxes[at]);
    double x2 = x.target(boxes[at + 2]);
    double y1 = y.target(boxes[at + 1]);
    double y2 = y.target(boxes[at + 3]);
    double left = Math.max(x.from, Math.min(x1, x2));
    double right = Math.min(x.to, Math.max(x1, x2));
    double top = Math.max(y.from, Math.min(y1, y2));
    double bottom = Math.min(y.to, Math.max(y1, y2));
    if (right - left < 1 || bottom - top < 1) {
      return 0;
    }
    to[toAt] = (float) left;
    to[toAt + 1] = (float) top;
    to[toAt + 2] = (float) right;
    to[toAt + 3] = (float) bottom;
    return (right - left) * (bottom - top) / Math.abs((x2 - x1) * (y2 - y1));
  }
}
