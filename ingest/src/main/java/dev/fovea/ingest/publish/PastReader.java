package dev.fovea.ingest.publish;

import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.CameraStatus;
import dev.fovea.schema.avro.Frame;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** Reads from the topics where cameras were when ingest last ran. */
final class PastReader {
  private final TopicTail tail;
  private final Topics topics;

  PastReader(KafkaSettings kafka, Duration timeout) {
    this.tail = new TopicTail(kafka, timeout);
    this.topics = new Topics(kafka);
  }

  /**
   * The past of each of {@code cameras}; one that has none is there with {@link CameraPast#NONE}.
   */
  Map<String, CameraPast> read(Collection<String> cameras) {
    Map<String, CameraStatus> statuses = tail.lastOf(topics.cameras(), cameras);
    Map<String, Frame> frames = tail.lastOf(topics.frames(), cameras);
    Map<String, CameraPast> pasts = new HashMap<>();
    for (String camera : cameras) {
      pasts.put(camera, CameraPast.of(frames.get(camera), statuses.get(camera)));
    }
    return pasts;
  }
}
