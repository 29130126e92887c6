package dev.fovea.ingest.source;

import java.util.ArrayList;
import java.util.List;
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

  long corrupt() {
    return frames.stream().filter(CapturedFrame::corrupt).count();
  }
}
