package dev.fovea.detector.model;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What was found in one picture, or why it could not be read. */
public final class FrameDetections {
  private final int widthPx;
  private final int heightPx;
  private final List<Detected> detections;
  private final @Nullable String error;

  private FrameDetections(
      int widthPx, int heightPx, List<Detected> detections, @Nullable String error) {
    this.widthPx = widthPx;
    this.heightPx = heightPx;
    this.detections = List.copyOf(detections);
    this.error = error;
  }

  public static FrameDetections of(int widthPx, int heightPx, List<Detected> detections) {
    return new FrameDetections(widthPx, heightPx, detections, null);
  }

  public static FrameDetections undecodable(UndecodableImageException cause) {
    return new FrameDetections(0, 0, List.of(), cause.getMessage());
  }

  /** Width of the picture; 0 where it could not be read. */
  public int widthPx() {
    return widthPx;
  }

  /** Height of the picture; 0 where it could not be read. */
  public int heightPx() {
    return heightPx;
  }

  /** The objects found, best score first. */
  public List<Detected> detections() {
    return detections;
  }

  /** Why the picture could not be read, in one sentence; empty where it could. */
  public Optional<String> error() {
    return Optional.ofNullable(error);
  }
}
