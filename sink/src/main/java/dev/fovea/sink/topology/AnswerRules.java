package dev.fovea.sink.topology;

import dev.fovea.schema.CameraId;
import dev.fovea.schema.avro.Detections;
import org.jspecify.annotations.Nullable;

/** What a record of {@code detections} must be beyond its schema; checked here and nowhere else. */
public final class AnswerRules {
  private AnswerRules() {}

  /**
   * Passes a record that may be counted and kept.
   *
   * @throws BadRecordException naming the camera and the rule that is broken
   */
  public static Detections check(@Nullable String key, @Nullable Detections answer) {
    if (answer == null) {
      throw new BadRecordException("detections of \"" + key + "\": no value");
    }
    String camera = answer.getCameraId();
    try {
      new CameraId(camera);
    } catch (IllegalArgumentException e) {
      throw new BadRecordException("detections: " + e.getMessage());
    }
    if (!camera.equals(key)) {
      throw new BadRecordException(
          "detections of camera " + camera + ": key must be the camera id, is \"" + key + "\"");
    }
    if (answer.getCaptureTimeMicros() < 0) {
      throw new BadRecordException(
          "detections of camera " + camera + ": capture time must not be before 1970");
    }
    if (answer.getFrameNumber() < 1) {
      throw new BadRecordException(
          "detections of camera "
              + camera
              + ": frame number must be at least 1, is "
              + answer.getFrameNumber());
    }
    return answer;
  }
}
