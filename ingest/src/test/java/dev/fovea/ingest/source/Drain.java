package dev.fovea.ingest.source;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads a source to its end and keeps what outlives the pictures. */
record Drain(List<CapturedFrame> frames, @Nullable SourceFailedException failure) {

  static Drain of(FrameSource source) throws InterruptedException {
    List<CapturedFrame> frames = new ArrayList<>();
    try {
      while (true) {
        CapturedFrame frame = source.next();
        if (frame == null) {
          return new Drain(frames, null);
        }
        frames.add(frame);
      }
    } catch (SourceFailedException e) {
      return new Drain(frames, e);
    }
  }

  /** The next frame of a source that has one. */
  static CapturedFrame nextOf(FrameSource source)
      throws SourceFailedException, InterruptedException {
    return Objects.requireNonNull(source.next(), "the source has ended");
  }

  /** Why it did not end well. */
  SourceFailedException broken() {
    return Objects.requireNonNull(failure, "the source ended well");
  }

  long corrupt() {
    return frames.stream().filter(CapturedFrame::corrupt).count();
  }
}
