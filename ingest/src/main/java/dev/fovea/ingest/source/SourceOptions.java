package dev.fovea.ingest.source;

import java.time.Duration;
import java.time.InstantSource;

/**
 * How a source is read.
 *
 * @param pace how fast files, folders and synthetic cameras are read
 * @param loop whether a file or folder starts again at its end
 * @param framesPerSecond rate of the sources that have none of their own (folder, synthetic)
 * @param openDeadline how long a source may take from the connection to its first packet
 * @param readDeadline how long a read may take, measured since the last packet
 * @param maxPixels largest picture that is decoded, width times height
 * @param clock the wall clock
 */
public record SourceOptions(
    Pace pace,
    boolean loop,
    double framesPerSecond,
    Duration openDeadline,
    Duration readDeadline,
    long maxPixels,
    InstantSource clock) {

  /** Twice 4K: 8K cameras are refused by default. */
  public static final long DEFAULT_MAX_PIXELS = 3840L * 2160 * 2;

  public SourceOptions {
    require(framesPerSecond > 0, "framesPerSecond", framesPerSecond);
    require(openDeadline.toNanos() > 0, "openDeadline", openDeadline);
    require(readDeadline.toNanos() > 0, "readDeadline", readDeadline);
    require(maxPixels > 0, "maxPixels", maxPixels);
  }

  /** Reads a file once, as fast as possible: for offline use. */
  public static SourceOptions offline() {
    return new SourceOptions(
        Pace.FAST,
        false,
        10,
        Duration.ofSeconds(10),
        Duration.ofSeconds(3),
        DEFAULT_MAX_PIXELS,
        InstantSource.system());
  }

  /** The wall clock in microseconds since the epoch. */
  long nowMicros() {
    var now = clock.instant();
    return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
  }

  private static void require(boolean holds, String name, Object value) {
    if (!holds) {
      throw new IllegalArgumentException(name + " must be above 0: " + value);
    }
  }
}
