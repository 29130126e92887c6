package dev.fovea.standalone.drift;

import java.time.Duration;

/**
 * How long the acts are and how much is learned from.
 *
 * @param cameras drawn streets, at most {@value DriftSite#MAX_CAMERAS}
 * @param framesPerSecond of each
 * @param day how long it is noon
 * @param dusk how long night takes to fall
 * @param accuracyWindow how far back the sink measures
 * @param candidatesPerMinute frames that the detector proposes a minute of a camera, at most
 * @param labelsPerRound labels that begin a round of training
 * @param holdOutShare of the labels, to judge by
 * @param minHoldOut frames in the hold-out, below which no round begins
 * @param steps of a round
 * @param batch pictures a step
 * @param leastRecovery share of what night has cost that has to come back
 * @param patience how long the story waits for any one thing
 */
public record DriftPlan(
    int cameras,
    double framesPerSecond,
    Duration day,
    Duration dusk,
    Duration accuracyWindow,
    double candidatesPerMinute,
    int labelsPerRound,
    double holdOutShare,
    int minHoldOut,
    int steps,
    int batch,
    double leastRecovery,
    Duration patience) {

  /** AP50 that nightfall must cost, or there is no drift to speak of. */
  static final double LEAST_DROP = 0.1;

  /** What {@code fovea demo --drift} shows: about ten minutes on two cores. */
  public static final DriftPlan SHOWN =
      new DriftPlan(
          8,
          2,
          Duration.ofSeconds(60),
          Duration.ofSeconds(30),
          Duration.ofSeconds(40),
          12,
          80,
          0.3,
          12,
          60,
          8,
          0.5,
          Duration.ofMinutes(10));

  public DriftPlan {
    if (cameras < 1 || cameras > DriftSite.MAX_CAMERAS) {
      throw new IllegalArgumentException(
          cameras + " cameras: must be 1 to " + DriftSite.MAX_CAMERAS);
    }
  }
}
