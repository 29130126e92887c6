package dev.fovea.trainer.loss;

/** Decides which anchor is to find which box. Immutable. */
public interface AnchorMatcher {
  /** The anchor is to find nothing. */
  int BACKGROUND = -1;

  /** Nothing is learned from the anchor. */
  int IGNORED = -2;

  /**
   * Matches anchors to boxes.
   *
   * @param anchors (anchors · 4)
   * @param boxes (boxes · 4)
   * @return an anchor's box (0 …), {@link #BACKGROUND} or {@link #IGNORED}; (anchors)
   */
  int[] match(float[] anchors, float[] boxes);
}
