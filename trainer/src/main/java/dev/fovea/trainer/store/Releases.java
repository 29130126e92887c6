package dev.fovea.trainer.store;

import dev.fovea.detector.model.ReleaseFolder;
import java.util.Optional;

/** What is live of one model, and how that is changed. */
public interface Releases {
  /** The release that detectors serve; empty where they have none of this model. */
  Optional<LiveRelease> live();

  /**
   * Makes a release live; doing it again changes nothing.
   *
   * @param release as it is kept, verified
   * @param uri where it is kept
   */
  void promote(ReleaseFolder release, String uri) throws InterruptedException;
}
