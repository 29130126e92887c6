package dev.fovea.standalone.audit;

/**
 * A stretch of capture time.
 *
 * @param fromMicros first microsecond since the epoch; {@code Long.MIN_VALUE} = from the oldest
 *     record kept
 * @param toMicros first microsecond that is no longer in it; {@code Long.MAX_VALUE} = to the newest
 */
public record AuditWindow(long fromMicros, long toMicros) {
  /** All that the topics hold. */
  public static final AuditWindow ALL = new AuditWindow(Long.MIN_VALUE, Long.MAX_VALUE);

  public AuditWindow {
    if (fromMicros >= toMicros) {
      throw new IllegalArgumentException("the stretch must end after it begins");
    }
  }

  boolean contains(long captureTimeMicros) {
    return captureTimeMicros >= fromMicros && captureTimeMicros < toMicros;
  }

  /** Whether a record lies in it whose own time, in milliseconds, is all that is known. */
  boolean containsMillis(long recordTimeMillis) {
    return recordTimeMillis >= Math.floorDiv(fromMicros, 1_000L)
        && recordTimeMillis <= Math.floorDiv(toMicros - 1, 1_000L);
  }

  boolean hasStart() {
    return fromMicros != Long.MIN_VALUE;
  }

  boolean hasEnd() {
    return toMicros != Long.MAX_VALUE;
  }

  long fromMillis() {
    return Math.max(0, Math.floorDiv(fromMicros, 1_000L));
  }
}
