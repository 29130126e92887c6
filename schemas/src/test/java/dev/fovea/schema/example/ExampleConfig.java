package dev.fovea.schema.example;

/** Stands where a service's config record would: its reference lies beside it. */
public final class ExampleConfig {
  private ExampleConfig() {}
}
