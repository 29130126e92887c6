package dev.fovea.sink.live;

import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.ModelRelease;
import dev.fovea.schema.avro.ReleaseStage;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which model answers: what the newest {@code Detections} names, with the time since when from the
 * {@code models} topic if the release is there. Thread-safe.
 */
public final class ModelInUse {
  /**
   * @param engine inference engine and device; null before the first answer
   * @param sinceMicros since when it is served, microseconds since the epoch
   */
  public record Model(String name, String version, @Nullable String engine, long sinceMicros) {}

  private final Map<String, Model> released = new HashMap<>();
  private @Nullable Model answering;

  /** A release was read from {@code models}; {@code atMicros} is the record's time. */
  public synchronized void release(ModelRelease release, long atMicros) {
    if (release.getStage() == ReleaseStage.LIVE) {
      released.put(
          release.getName(), new Model(release.getName(), release.getVersion(), null, atMicros));
    } else {
      released.remove(release.getName());
    }
  }

  public synchronized void answer(Detections answer) {
    Model known = answering;
    if (known != null
        && known.name.equals(answer.getModelName())
        && known.version.equals(answer.getModelVersion())
        && answer.getEngine().equals(known.engine)) {
      return;
    }
    Model release = released.get(answer.getModelName());
    long since =
        release != null && release.version.equals(answer.getModelVersion())
            ? release.sinceMicros
            : answer.getCaptureTimeMicros();
    answering =
        new Model(answer.getModelName(), answer.getModelVersion(), answer.getEngine(), since);
  }

  /** The model that answers; before the first answer, the release that is live, if just one is. */
  public synchronized Optional<Model> model() {
    if (answering == null && released.size() == 1) {
      return Optional.of(released.values().iterator().next());
    }
    return Optional.ofNullable(answering);
  }
}
