package dev.fovea.sink.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The reading side; any number of threads. Times are microseconds since the epoch. */
public interface DetectionQueries {
  /** One answer with its boxes; a box is {@code x1, y1, x2, y2} in pixels, half-open. */
  record StoredAnswer(
      String camera,
      long captureTimeMicros,
      long frameNumber,
      int widthPx,
      int heightPx,
      String outcome,
      Model model,
      String engine,
      Timings timings,
      @Nullable String error,
      List<Box> boxes) {
    public StoredAnswer {
      boxes = List.copyOf(boxes);
    }
  }

  /** The model that answered. */
  record Model(String name, String version) {}

  /** Time spent in the detector's stages. */
  record Timings(
      long queueMicros,
      long decodeMicros,
      long batchWaitMicros,
      long inferMicros,
      long postprocessMicros) {}

  /** One object found. */
  record Box(String label, float score, float x1, float y1, float x2, float y2) {}

  /** Counts of one class in one window; see the schema {@code Count}. */
  record CountedWindow(
      String camera,
      String label,
      long startMicros,
      long endMicros,
      long frames,
      long objects,
      int maxInFrame) {}

  /**
   * A page of answers, oldest first.
   *
   * @param camera only this camera; null = all
   * @param fromMicros earliest capture time, inclusive
   * @param toMicros latest capture time, exclusive
   * @param after only what follows this answer in the order (capture time, camera); null = from the
   *     beginning
   */
  record AnswerQuery(
      @Nullable String camera,
      long fromMicros,
      long toMicros,
      int limit,
      @Nullable AnswerKey after) {}

  /** An answer's place in the order. */
  record AnswerKey(long captureTimeMicros, String camera) {}

  /**
   * A page of windows, oldest first.
   *
   * @param camera only this camera; null = all
   * @param label only this class; null = all
   * @param fromMicros earliest start of a window, inclusive
   * @param toMicros latest start of a window, exclusive
   * @param after only what follows this window in the order (start, camera, label)
   */
  record WindowQuery(
      @Nullable String camera,
      @Nullable String label,
      long fromMicros,
      long toMicros,
      int limit,
      @Nullable WindowKey after) {}

  /** A window's place in the order. */
  record WindowKey(long startMicros, String camera, String label) {}

  List<StoredAnswer> answers(AnswerQuery query) throws StoreException;

  List<CountedWindow> windows(WindowQuery query) throws StoreException;
}
