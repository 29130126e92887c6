package dev.fovea.benchmarks;

/**
 * One way to do the work that is compared.
 *
 * @param run does the work once
 */
record Contender(String name, Run run) {

  /** A run and what it came to. */
  interface Run {
    Measurement measure() throws Exception;
  }
}
