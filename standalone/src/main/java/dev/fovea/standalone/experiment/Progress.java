package dev.fovea.standalone.experiment;

/** Told what an experiment is at, on its thread. */
public interface Progress {
  /** Pictures are drawn. */
  default void drawing(long done, long total) {}

  /**
   * A run goes on.
   *
   * @param done steps of all runs that are done
   * @param total steps of all runs
   * @param what the run and where it is, in words
   */
  default void training(long done, long total, String what) {}

  /** A run is done, or was before. */
  default void finished(String what) {}
}
