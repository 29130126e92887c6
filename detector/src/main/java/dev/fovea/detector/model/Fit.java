package dev.fovea.detector.model;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How a frame is brought to the model's input size. */
public enum Fit {
  /** Each side scaled to the input's. */
  @JsonProperty("stretch")
  STRETCH,
  /** Both sides scaled alike, the rest of the input left empty. */
  @JsonProperty("letterbox")
  LETTERBOX
}
