package dev.fovea.ingest.publish;

import java.util.Arrays;

/** Events a second over the last five seconds. Any thread. */
final class RateMeter {
  private static final int SLOTS = 25;
  private static final long SLOT_NANOS = 200_000_000;

  private final long[] counts = new long[SLOTS];
  private long currentSlot = Long.MIN_VALUE;

  synchronized void mark(long nanoTime) {
    advance(nanoTime);
    counts[(int) Math.floorMod(currentSlot, (long) SLOTS)]++;
  }

  synchronized float perSecond(long nanoTime) {
    advance(nanoTime);
    return Arrays.stream(counts).sum() / (SLOTS * SLOT_NANOS / 1e9f);
  }

  /** Empties the slots that have passed since the last call. */
  private void advance(long nanoTime) {
    long slot = Math.floorDiv(nanoTime, SLOT_NANOS);
    long from = Math.max(currentSlot + 1, slot - SLOTS + 1);
    for (long s = from; s <= slot; s++) {
      counts[(int) Math.floorMod(s, (long) SLOTS)] = 0;
    }
    currentSlot = Math.max(currentSlot, slot);
  }
}
