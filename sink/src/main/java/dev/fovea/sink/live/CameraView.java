package dev.fovea.sink.live;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A camera as the API shows it. Times are microseconds since the epoch.
 *
 * @param id camera id
 * @param state a {@code CameraState}
 * @param cause why it is not LIVE, in words; null when LIVE
 * @param sinceMicros since when it has been in this state
 * @param retryAtMicros when ingest tries again; null where no try is planned
 * @param attempt tries to connect since the last picture
 * @param lastCaptureTimeMicros capture time of the last picture published; null before the first
 * @param source kind and address of the source, without credentials; empty where unknown
 * @param widthPx recorded width; 0 before the first picture
 * @param heightPx recorded height; 0 before the first picture
 * @param framesPerSecond frames published a second
 * @param ledger what has become of its frames
 * @param accuracy how right its boxes were of late; null unless its frames say what is in them
 */
public record CameraView(
    String id,
    String state,
    @Nullable String cause,
    long sinceMicros,
    @Nullable Long retryAtMicros,
    int attempt,
    @Nullable Long lastCaptureTimeMicros,
    String source,
    int widthPx,
    int heightPx,
    float framesPerSecond,
    LedgerView ledger,
    @Nullable AccuracyView accuracy) {

  /**
   * The camera's frame ledger: decoded = sampledOut + sum(dropped) + published, and published =
   * beforeStore + detected + unchanged + stale + undecodable + inFlight + what is unaccounted for.
   *
   * @param beforeStore frames answered before this store's memory begins; 0 unless the database was
   *     made anew
   * @param inFlight published and not yet answered in the store
   * @param unaccounted frames for which one of the equations does not close
   * @param state {@code balanced}, {@code settling} (some frames have waited for their answer for
   *     more than a moment) or {@code unbalanced} (unaccounted is not 0)
   */
  public record LedgerView(
      long decoded,
      long sampledOut,
      Map<String, Long> dropped,
      long published,
      long detected,
      long unchanged,
      long stale,
      long undecodable,
      long beforeStore,
      long inFlight,
      long unaccounted,
      String state) {

    public LedgerView {
      dropped = Map.copyOf(dropped);
    }
  }
}
