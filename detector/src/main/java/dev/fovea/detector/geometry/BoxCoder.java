package dev.fovea.detector.geometry;

/**
 * Boxes as offsets from anchors (Girshick et al. 2014, R-CNN, appendix C): {@code dx, dy} is the
 * centre's distance in anchor widths and heights, {@code dw, dh} the logarithm of the ratio of the
 * sides; each is multiplied by its weight. Immutable.
 */
public final class BoxCoder {
  /**
   * Largest {@code dw, dh} that is decoded, so that a wild prediction does not overflow: a side of
   * 1000 from an anchor of 16.
   */
  public static final float MAX_LOG_RATIO = (float) Math.log(1000.0 / 16);

  private final float weightX;
  private final float weightY;
  private final float weightWidth;
  private final float weightHeight;

  /** Weights 1: RetinaNet's. */
  public BoxCoder() {
    this(1, 1, 1, 1);
  }

  public BoxCoder(float weightX, float weightY, float weightWidth, float weightHeight) {
    this.weightX = weightX;
    this.weightY = weightY;
    this.weightWidth = weightWidth;
    this.weightHeight = weightHeight;
  }

  /**
   * Encodes a box; both sides of box and anchor must be above 0.
   *
   * @param at where {@code dx, dy, dw, dh} go in {@code deltas}
   */
  public void encode(
      float[] boxes, int boxAt, float[] anchors, int anchorAt, float[] deltas, int at) {
    float anchorWidth = anchors[anchorAt + 2] - anchors[anchorAt];
    float anchorHeight = anchors[anchorAt + 3] - anchors[anchorAt + 1];
    float anchorX = anchors[anchorAt] + anchorWidth / 2;
    float anchorY = anchors[anchorAt + 1] + anchorHeight / 2;
    float width = boxes[boxAt + 2] - boxes[boxAt];
    float height = boxes[boxAt + 3] - boxes[boxAt + 1];
    float x = boxes[boxAt] + width / 2;
    float y = boxes[boxAt + 1] + height / 2;
    deltas[at] = weightX * (x - anchorX) / anchorWidth;
    deltas[at + 1] = weightY * (y - anchorY) / anchorHeight;
    deltas[at + 2] = weightWidth * (float) Math.log(width / anchorWidth);
    deltas[at + 3] = weightHeight * (float) Math.log(height / anchorHeight);
  }

  /**
   * Decodes {@code dx, dy, dw, dh}; the inverse of {@link #encode} as long as {@code dw, dh} do not
   * exceed {@link #MAX_LOG_RATIO}, to which they are clamped.
   */
  public void decode(
      float[] deltas, int deltaAt, float[] anchors, int anchorAt, float[] boxes, int at) {
    float anchorWidth = anchors[anchorAt + 2] - anchors[anchorAt];
    float anchorHeight = anchors[anchorAt + 3] - anchors[anchorAt + 1];
    float anchorX = anchors[anchorAt] + anchorWidth / 2;
    float anchorY = anchors[anchorAt + 1] + anchorHeight / 2;
    float x = deltas[deltaAt] / weightX * anchorWidth + anchorX;
    float y = deltas[deltaAt + 1] / weightY * anchorHeight + anchorY;
    float logWidth = Math.min(deltas[deltaAt + 2] / weightWidth, MAX_LOG_RATIO);
    float logHeight = Math.min(deltas[deltaAt + 3] / weightHeight, MAX_LOG_RATIO);
    float halfWidth = (float) Math.exp(logWidth) * anchorWidth / 2;
    float halfHeight = (float) Math.exp(logHeight) * anchorHeight / 2;
    boxes[at] = x - halfWidth;
    boxes[at + 1] = y - halfHeight;
    boxes[at + 2] = x + halfWidth;
    boxes[at + 3] = y + halfHeight;
  }
}
