package dev.fovea.detector.stream;

import dev.fovea.schema.avro.Detections;
import org.jspecify.annotations.Nullable;

/**
 * What is to be written for one polled record: detections for a frame, a dead letter for a record
 * that is none, both for a frame whose picture cannot be read.
 *
 * @param frame the record that is answered
 * @param detections the answer; null where the record is no frame
 * @param error what was wrong with the record; null where nothing was
 * @param uncertainty how many scores are near the serving threshold; see {@link
 *     BatchModel.Batch#uncertainty}
 */
record Answer(
    PolledFrame frame,
    @Nullable Detections detections,
    @Nullable BadInput error,
    double uncertainty) {
  Answer {
    if (detections == null && error == null) {
      throw new IllegalArgumentException(frame.position() + ": an answer must say something");
    }
  }
}
