package dev.fovea.sink;

import dev.fovea.schema.avro.Detection;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.Outcome;
import dev.fovea.schema.avro.StageTimings;
import java.util.ArrayList;
import java.util.List;

/** Answers of a detector, made by hand. */
public final class Answers {
  private Answers() {}

  /** An answer with a box for each of {@code labels}. */
  public static Detections answer(
      String camera, long number, long captureTimeMicros, Outcome outcome, String... labels) {
    List<Detection> found = new ArrayList<>();
    for (int i = 0; i < labels.length; i++) {
      found.add(new Detection(labels[i], 0.9f - 0.1f * i, 4f * i, 2f, 4f * i + 10.5f, 20f));
    }
    return new Detections(
        camera,
        captureTimeMicros,
        number,
        0,
        number - 1,
        640,
        360,
        outcome,
        found,
        "street",
        "1",
        "onnxruntime:cpu",
        new StageTimings(1L, 2L, 3L, 4L, 5L),
        outcome == Outcome.UNDECODABLE ? "not a JPEG" : null);
  }
}
