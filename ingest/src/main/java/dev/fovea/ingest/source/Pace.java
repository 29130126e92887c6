package dev.fovea.ingest.source;

/** How fast a file, folder or synthetic camera is read; live sources have their own pace. */
public enum Pace {
  /**
   * As it was taken. Capture time = wall clock at the first frame + position in the file, so a file
   * looks like a camera.
   */
  REALTIME,
  /**
   * As fast as the reader asks. Capture time = when the frame was read: a video that is read faster
   * than it was taken has no honest place on the clock, and times ahead of the clock (or hours
   * behind it) would be refused, or deleted early, by Kafka.
   */
  FAST
}
