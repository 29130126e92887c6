package dev.fovea.detector.stream;

import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Frames between the poll thread, which adds, and the batching thread, which takes. Bounded in
 * frames and in bytes by asking {@link #hasRoom} before a poll: what that one poll brings ({@code
 * max.poll.records} at most) may go over, so that nothing polled is ever turned away.
 */
final class FrameQueue {
  private final int maxFrames;
  private final long maxBytes;
  private final LinkedBlockingQueue<PolledFrame> frames = new LinkedBlockingQueue<>();
  private final AtomicLong bytes = new AtomicLong();

  FrameQueue(int maxFrames, long maxBytes) {
    this.maxFrames = maxFrames;
    this.maxBytes = maxBytes;
  }

  boolean hasRoom() {
    return frames.size() < maxFrames && bytes.get() < maxBytes;
  }

  void add(PolledFrame frame) {
    bytes.addAndGet(frame.bytes());
    frames.add(frame);
  }

  /** The oldest frame; null if none comes within {@code wait}. */
  @Nullable PolledFrame take(Duration wait) throws InterruptedException {
    PolledFrame frame = frames.poll(wait.toNanos(), TimeUnit.NANOSECONDS);
    if (frame != null) {
      bytes.addAndGet(-frame.bytes());
    }
    return frame;
  }
}
