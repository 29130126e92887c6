package dev.fovea.sink.topology;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.fovea.schema.avro.Count;
import dev.fovea.schema.avro.Detection;
import dev.fovea.schema.avro.Detections;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One camera's open windows: what the state store holds under the camera's id.
 *
 * <p>Time is the camera's own capture time. Kafka Streams' windows share one clock between all
 * cameras of a partition, so that one camera with a clock that is ahead would make every other
 * camera's records late; here it cannot.
 *
 * <p>Windows are tumbling and start at multiples of the size since the epoch. A window knows which
 * frame numbers it has counted, as ranges (in the normal case one), so that a frame answered twice
 * counts once, in whatever order records come. A class seen before starts each window with 0
 * objects, so that its line on a chart goes down to 0 rather than ending; classes are forgotten
 * when the model changes.
 */
@JsonAutoDetect(
    fieldVisibility = Visibility.ANY,
    getterVisibility = Visibility.NONE,
    isGetterVisibility = Visibility.NONE)
final class CameraWindows {
  /** What became of a record. */
  enum Taken {
    COUNTED,
    DUPLICATE,
    LATE
  }

  /** A bound on the classes carried over: models have fewer, hostile records may not. */
  private static final int MAX_LABELS = 1_000;

  @JsonProperty private String model = "";
  @JsonProperty private final TreeSet<String> labels = new TreeSet<>();
  @JsonProperty private long latestCaptureMicros;
  @JsonProperty private final TreeMap<Long, Window> windows = new TreeMap<>();

  /** Counts of one window. */
  @JsonAutoDetect(
      fieldVisibility = Visibility.ANY,
      getterVisibility = Visibility.NONE,
      isGetterVisibility = Visibility.NONE)
  private static final class Window {
    @JsonProperty private long frames;
    @JsonProperty private final TreeMap<String, long[]> objectsAndMaxByLabel = new TreeMap<>();

    /** First to last frame number (both inclusive) of each run of numbers counted. */
    @JsonProperty private final TreeMap<Long, Long> counted = new TreeMap<>();

    boolean hasCounted(long frameNumber) {
      Map.Entry<Long, Long> run = counted.floorEntry(frameNumber);
      return run != null && frameNumber <= run.getValue();
    }

    void note(long frameNumber) {
      long first = frameNumber;
      long last = frameNumber;
      Map.Entry<Long, Long> before = counted.floorEntry(frameNumber);
      if (before != null && before.getValue() == frameNumber - 1) {
        first = before.getKey();
      }
      Long after = counted.remove(frameNumber + 1);
      if (after != null) {
        last = after;
      }
      counted.put(first, last);
    }

    void add(Map<String, Integer> objects) {
      frames++;
      objects.forEach(
          (label, count) -> {
            long[] sums = objectsAndMaxByLabel.computeIfAbsent(label, l -> new long[2]);
            sums[0] += count;
            sums[1] = Math.max(sums[1], count);
          });
    }
  }

  /**
   * Counts an answer that has boxes.
   *
   * @param sizeMicros size of a window
   * @param graceMicros how long after its end, in the camera's capture time, a window stays open
   */
  Taken take(Detections answer, long sizeMicros, long graceMicros) {
    long capture = answer.getCaptureTimeMicros();
    long start = windowStart(capture, sizeMicros);
    if (start + sizeMicros + graceMicros <= latestCaptureMicros) {
      return Taken.LATE;
    }
    Window window = windows.computeIfAbsent(start, s -> new Window());
    if (window.hasCounted(answer.getFrameNumber())) {
      return Taken.DUPLICATE;
    }
    window.note(answer.getFrameNumber());
    window.add(objects(answer));
    if (capture > latestCaptureMicros) {
      latestCaptureMicros = capture;
      closeWindows(sizeMicros + graceMicros);
    }
    return Taken.COUNTED;
  }

  /** The counts of the window that holds {@code captureTimeMicros}, one for each class. */
  List<Count> counts(String cameraId, long captureTimeMicros, long sizeMicros) {
    long start = windowStart(captureTimeMicros, sizeMicros);
    Window window = windows.get(start);
    List<Count> counts = new ArrayList<>();
    if (window != null) {
      window.objectsAndMaxByLabel.forEach(
          (label, sums) ->
              counts.add(
                  new Count(
                      cameraId,
                      label,
                      start,
                      start + sizeMicros,
                      window.frames,
                      sums[0],
                      (int) sums[1])));
    }
    return counts;
  }

  NavigableMap<Long, ?> openWindows() {
    return windows;
  }

  /** Objects by class, with 0 for a class that the camera has shown before. */
  private Map<String, Integer> objects(Detections answer) {
    String answeredBy = answer.getModelName() + ":" + answer.getModelVersion();
    if (!answeredBy.equals(model)) {
      model = answeredBy;
      labels.clear();
    }
    Map<String, Integer> objects = new HashMap<>();
    labels.forEach(label -> objects.put(label, 0));
    for (Detection found : answer.getDetections()) {
      objects.merge(found.getLabel(), 1, Integer::sum);
      if (labels.size() < MAX_LABELS) {
        labels.add(found.getLabel());
      }
    }
    return objects;
  }

  private void closeWindows(long openForMicros) {
    Iterator<Long> starts = windows.keySet().iterator();
    while (starts.hasNext() && starts.next() + openForMicros <= latestCaptureMicros) {
      starts.remove();
    }
  }

  private static long windowStart(long captureTimeMicros, long sizeMicros) {
    return Math.floorDiv(captureTimeMicros, sizeMicros) * sizeMicros;
  }
}
