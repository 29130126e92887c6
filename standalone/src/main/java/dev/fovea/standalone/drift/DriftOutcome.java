package dev.fovea.standalone.drift;

import java.nio.file.Path;

/**
 * What a story that went as it should has shown. AP50 is the dashboard's, over its window of the
 * published boxes.
 *
 * @param byDay AP50 before night fell
 * @param atNight AP50 at night, with the model that knows the day alone
 * @param recovered AP50 at night, with the model that was made live
 * @param labels labelled frames that this took, those held out to judge by included
 * @param rounds rounds that this took
 * @param liveVersion version of the model that was made live
 * @param refusal why the round of shuffled labels was refused, in the gate's words
 * @param report page of the round that went live
 * @param refusedReport page of the round that was refused
 */
public record DriftOutcome(
    double byDay,
    double atNight,
    double recovered,
    int labels,
    int rounds,
    String liveVersion,
    String refusal,
    Path report,
    Path refusedReport) {

  /** How much of what night had cost came back; 1 is all. */
  public double share() {
    return (recovered - atNight) / (byDay - atNight);
  }
}
