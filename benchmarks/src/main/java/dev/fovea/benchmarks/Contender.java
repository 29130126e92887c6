package dev.fovea.benchmarks;

/** One way to do the work that is compared. */
interface Contender {
  String name();

  /** Does the work once. */
  Measurement run() throws Exception;
}
