package dev.fovea.ingest.source;

import org.jspecify.annotations.Nullable;

/**
 * One camera's pictures, in the order they were taken. Opened, read and closed by one thread;
 * another thread can end a read through the {@link ReadGuard} the source was opened with.
 */
public interface FrameSource extends AutoCloseable {

  /**
   * The next picture; waits for it. The picture belongs to the source and may be used until the
   * next call of {@code next} or {@code close}.
   *
   * @return null when the source has been read to its proper end
   * @throws SourceFailedException if it fell silent, broke off or is damaged; no picture follows
   * @throws InterruptedException if the thread was interrupted or the guard was cancelled
   */
  @Nullable CapturedFrame next() throws SourceFailedException, InterruptedException;

  /** Frees native memory and connections. */
  @Override
  void close();
}
