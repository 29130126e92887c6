package dev.fovea.ingest.source;

/**
 * Turns a stream's presentation times into one line that only goes forward: from 0, on through
 * loops of a file, over missing times, clock wraps and jumps.
 */
final class MediaTimeline {
  /** The stream gives no time for this frame. */
  static final long UNKNOWN = Long.MIN_VALUE;

  /** A longer step is a discontinuity (a spliced or restarted stream), not a pause in the scene. */
  private static final long LONGEST_STEP_MICROS = 60_000_000;

  private final long intervalMicros;
  private long shiftMicros;
  private long lastMicros;
  private boolean first = true;
  private boolean rebase = true;

  /**
   * Makes a line that starts at 0.
   *
   * @param intervalMicros time between two frames, used where the stream leaves it open
   */
  MediaTimeline(long intervalMicros) {
    this.intervalMicros = intervalMicros;
  }

  /** The file starts again; its next frame follows one interval after the last. */
  void newPass() {
    rebase = true;
  }

  /** Position of the frame with presentation time {@code ptsMicros}, or {@link #UNKNOWN}. */
  long advance(long ptsMicros) {
    long expected = first ? 0 : lastMicros + intervalMicros;
    long position;
    if (ptsMicros == UNKNOWN) {
      position = expected;
    } else {
      long step = ptsMicros + shiftMicros - lastMicros;
      if (rebase || (!first && (step <= 0 || step > LONGEST_STEP_MICROS))) {
        shiftMicros = expected - ptsMicros;
        rebase = false;
      }
      position = ptsMicros + shiftMicros;
    }
    first = false;
    lastMicros = position;
    return position;
  }
}
