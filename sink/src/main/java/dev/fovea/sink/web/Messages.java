package dev.fovea.sink.web;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fovea.schema.avro.Count;
import dev.fovea.schema.avro.Detection;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.Outcome;
import dev.fovea.sink.live.AccuracyView;
import dev.fovea.sink.live.CameraView;
import dev.fovea.sink.live.ModelInUse;
import dev.fovea.sink.live.PairedFrame;
import dev.fovea.sink.store.DetectionQueries.Box;
import dev.fovea.sink.store.DetectionQueries.CountedWindow;
import dev.fovea.sink.store.DetectionQueries.StoredAnswer;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The messages of {@code /api/live} and the bodies of the REST API, field by field. */
final class Messages {
  private Messages() {}

  /** Header of a binary message: the picture's own boxes, in its pixels. */
  record FrameHeader(
      String type,
      String camera,
      long captureTimeMicros,
      long frameNumber,
      int widthPx,
      int heightPx,
      String outcome,
      String model,
      long serverTimeMicros,
      List<Box> boxes) {}

  record Cameras(String type, long serverTimeMicros, List<CameraView> cameras) {}

  record CamerasBody(long serverTimeMicros, List<CameraView> cameras) {}

  /** Milliseconds from capture to push over the last 60 s; null where nothing was shown. */
  record Latency(@Nullable Double p50Ms, @Nullable Double p99Ms) {}

  /** What waits for the detector; null where Kafka has not said. */
  record LagView(@Nullable Long frames, @Nullable Double seconds, @Nullable Integer workers) {}

  /** All cameras' ledgers in one: the worst state and the sums. */
  record LedgerSum(String state, long inFlight, long unaccounted) {}

  record Summary(
      String type,
      long serverTimeMicros,
      double framesPerSecond,
      double boxesPerSecond,
      Latency captureToPush,
      LagView lag,
      ModelInUse.@Nullable Model model,
      LedgerSum ledger,
      @Nullable AccuracyView accuracy) {}

  record Counts(String type, List<CountedWindow> windows) {}

  record Pong(String type, JsonNode t, long serverTimeMicros) {}

  record Refusal(String error) {}

  /** A page and where the next one begins; null on the last. */
  record DetectionsPage(List<StoredAnswer> detections, @Nullable String next) {}

  /** A page and where the next one begins; null on the last. */
  record CountsPage(List<CountedWindow> windows, @Nullable String next) {}

  static CountedWindow window(Count count) {
    return new CountedWindow(
        count.getCameraId(),
        count.getLabel(),
        count.getWindowStartMicros(),
        count.getWindowEndMicros(),
        count.getFrames(),
        count.getObjects(),
        count.getMaxInFrame());
  }

  /** The boxes to draw: none for a frame that the detector did not look at. */
  static List<Box> boxes(Detections answer) {
    if (answer.getOutcome() != Outcome.DETECTED && answer.getOutcome() != Outcome.UNCHANGED) {
      return List.of();
    }
    return answer.getDetections().stream().map(Messages::box).toList();
  }

  private static Box box(Detection found) {
    return new Box(
        found.getLabel(),
        found.getScore(),
        found.getX1(),
        found.getY1(),
        found.getX2(),
        found.getY2());
  }

  /**
   * A picture and its boxes in one message: header length (4 bytes, big-endian), header (JSON,
   * UTF-8), JPEG.
   */
  static byte[] frame(PairedFrame pair, long serverTimeMicros) {
    Detections answer = pair.answer();
    byte[] header =
        Json.bytes(
            new FrameHeader(
                "frame",
                answer.getCameraId(),
                answer.getCaptureTimeMicros(),
                answer.getFrameNumber(),
                answer.getWidthPx(),
                answer.getHeightPx(),
                answer.getOutcome().name(),
                answer.getModelName() + ":" + answer.getModelVersion(),
                serverTimeMicros,
                boxes(answer)));
    return ByteBuffer.allocate(Integer.BYTES + header.length + pair.jpeg().length)
        .putInt(header.length)
        .put(header)
        .put(pair.jpeg())
        .array();
  }
}
