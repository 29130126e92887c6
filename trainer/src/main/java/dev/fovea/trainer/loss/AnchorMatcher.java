package dev.fovea.trainer.loss;

import dev.fovea.detector.geometry.AnchorGenerator;
import dev.fovea.trainer.settings.MatchingSettings;

/** Decides which anchor is to find which box. Immutable. */
public interface AnchorMatcher {
  /** The anchor is to find nothing. */
  int BACKGROUND = -1;

  /** Nothing is learned from the anchor. */
  int IGNORED = -2;

  /**
   * As set.
   *
   * @param anchors what will be matched
   */
  static AnchorMatcher of(MatchingSettings matching, AnchorGenerator anchors) {
    return switch (matching.by()) {
      case IOU ->
          new IouMatcher(matching.foregroundIou(), matching.backgroundIou(), matching.lowQuality());
      case ATSS -> new AtssMatcher(anchors, matching.nearest());
    };
  }

  /**
   * Matches anchors to boxes.
   *
   * @param anchors (anchors · 4)
   * @param boxes (boxes · 4)
   * @return an anchor's box (0 …), {@link #BACKGROUND} or {@link #IGNORED}; (anchors)
   */
  int[] match(float[] anchors, float[] boxes);
}
