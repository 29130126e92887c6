package dev.fovea.ingest.source;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOInterruptCB;
import org.bytedeco.javacpp.Pointer;

/**
 * The deadline of a source's reads, and the way to end them from another thread. libav polls it
 * while it waits; where libav is stuck in something that does not poll (name resolution, a dead
 * network file system, a driver), {@link #isOverdue} tells a watchdog to give the thread up.
 */
public final class ReadGuard implements AutoCloseable {
  private static final ConcurrentMap<Long, ReadGuard> GUARDS = new ConcurrentHashMap<>();
  private static final AtomicLong LAST_ID = new AtomicLong();

  /**
   * One callback for all guards: JavaCPP has room for ten instances of a callback class in all, so
   * one a camera would fail at the eleventh camera.
   */
  private static final AVIOInterruptCB.Callback_Pointer CALLBACK = new Callback();

  private static final long IDLE = Long.MAX_VALUE;

  private final long id = LAST_ID.incrementAndGet();
  private final Handle handle = new Handle(id);

  /** {@link System#nanoTime} at which the read in progress must have returned; IDLE = no read. */
  private volatile long deadlineNanos = IDLE;

  private volatile boolean cancelled;

  public ReadGuard() {
    GUARDS.put(id, this);
  }

  /** Ends the read in progress and all later ones; any thread. */
  public void cancel() {
    cancelled = true;
  }

  public boolean isCancelled() {
    return cancelled;
  }

  /** Whether a read has gone on for {@code grace} longer than its deadline; any thread. */
  public boolean isOverdue(Duration grace) {
    long deadline = deadlineNanos;
    return deadline != IDLE && System.nanoTime() - deadline > grace.toNanos();
  }

  /** A read begins, or a packet came in time: the next must come within {@code limit}. */
  void arm(Duration limit) {
    deadlineNanos = System.nanoTime() + limit.toNanos();
  }

  /** No read is in progress. */
  void disarm() {
    deadlineNanos = IDLE;
  }

  /** Whether the read in progress has passed its deadline. */
  boolean isExpired() {
    long deadline = deadlineNanos;
    return deadline != IDLE && System.nanoTime() - deadline > 0;
  }

  /** Has libav poll this guard in all that it does for {@code context}. */
  void attach(AVFormatContext context) {
    context.interrupt_callback().callback(CALLBACK).opaque(handle);
  }

  /** Forgets the guard; to be called once libav no longer holds it. */
  @Override
  public void close() {
    GUARDS.remove(id);
  }

  /**
   * A number in the shape of a pointer, so that the callback knows whose read it is asked about.
   */
  private static final class Handle extends Pointer {
    Handle(long id) {
      this.address = id;
    }
  }

  private static final class Callback extends AVIOInterruptCB.Callback_Pointer {
    @Override
    public int call(Pointer opaque) {
      ReadGuard guard = GUARDS.get(opaque.address());
      return guard == null || guard.cancelled || guard.isExpired() ? 1 : 0;
    }
  }
}
