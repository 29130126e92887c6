package dev.fovea.standalone.drift;

import java.time.Duration;

/** Lets time pass. */
public interface Pause {
  /**
   * Waits so long, or until the story is to be broken off.
   *
   * @return whether it is to be broken off
   */
  boolean brokenOff(Duration time) throws InterruptedException;
}
