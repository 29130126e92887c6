package dev.fovea.sink.live;

import dev.fovea.schema.avro.CameraState;
import dev.fovea.schema.avro.CameraStatus;
import dev.fovea.schema.avro.Frame;
import dev.fovea.sink.store.OutcomeTotals;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is known of every camera: its last status, its last picture, and its ledger. Written by the
 * thread of {@link LiveFeed}, read by any.
 */
public final class CameraBoard {
  /**
   * A camera whose ingest has been silent for longer than this has no picture, whatever it said.
   */
  static final long SILENCE_MICROS = 10_000_000;

  private final TreeMap<String, Entry> entries = new TreeMap<>();
  private final Duration accuracyWindow;

  /**
   * @param accuracyWindow how far back accuracy is measured
   */
  public CameraBoard(Duration accuracyWindow) {
    this.accuracyWindow = accuracyWindow;
  }

  /** Guarded by the board. */
  private static final class Entry {
    @Nullable CameraStatus status;
    long heardAtMicros;
    long firstHeardAtMicros;
    long lastFrameMicros;
    int widthPx;
    int heightPx;
    @Nullable PairedFrame lastPicture;
    final LedgerReconciliation ledger = new LedgerReconciliation();
    final MeasuredAccuracy accuracy;

    Entry(Duration accuracyWindow) {
      this.accuracy = new MeasuredAccuracy(accuracyWindow);
    }
  }

  /**
   * A status was read.
   *
   * @param heardAtMicros when it was said or heard, by this machine's clock
   * @return whether the state it says differs from the one said before
   */
  public synchronized boolean status(CameraStatus status, long heardAtMicros) {
    Entry entry = entry(status.getCameraId(), heardAtMicros);
    CameraStatus before = entry.status;
    entry.status = status;
    entry.heardAtMicros = Math.max(entry.heardAtMicros, heardAtMicros);
    entry.ledger.heard(status.getLedger());
    return before == null
        || before.getState() != status.getState()
        || !java.util.Objects.equals(before.getCause(), status.getCause());
  }

  /** A frame was read; whatever its status says, its ingest is alive. */
  public synchronized void frame(Frame frame, long heardAtMicros) {
    Entry entry = entry(frame.getCameraId(), heardAtMicros);
    entry.heardAtMicros = Math.max(entry.heardAtMicros, heardAtMicros);
    entry.lastFrameMicros = Math.max(entry.lastFrameMicros, frame.getCaptureTimeMicros());
    entry.widthPx = frame.getWidthPx();
    entry.heightPx = frame.getHeightPx();
    entry.ledger.heard(frame.getLedger());
  }

  public synchronized void paired(PairedFrame pair, long heardAtMicros) {
    Entry entry = entry(pair.cameraId(), heardAtMicros);
    entry.lastPicture = pair;
    entry.accuracy.judge(pair);
  }

  /** How right the boxes were of late, over all cameras that know what is in their pictures. */
  public synchronized Optional<AccuracyView> accuracy() {
    return MeasuredAccuracy.of(entries.values().stream().map(entry -> entry.accuracy).toList());
  }

  /** The same by camera, for those that know. */
  public synchronized Map<String, AccuracyView> accuracyByCamera() {
    Map<String, AccuracyView> byCamera = new TreeMap<>();
    entries.forEach(
        (id, entry) ->
            MeasuredAccuracy.of(List.of(entry.accuracy)).ifPresent(view -> byCamera.put(id, view)));
    return byCamera;
  }

  /** The camera's status was deleted (a tombstone). */
  public synchronized void removed(String cameraId) {
    entries.remove(cameraId);
  }

  /** The last picture with its answer; empty where there was none since the start. */
  public synchronized Optional<PairedFrame> lastPicture(String cameraId) {
    Entry entry = entries.get(cameraId);
    return entry == null ? Optional.empty() : Optional.ofNullable(entry.lastPicture);
  }

  public synchronized List<PairedFrame> lastPictures() {
    List<PairedFrame> pictures = new ArrayList<>();
    for (Entry entry : entries.values()) {
      if (entry.lastPicture != null) {
        pictures.add(entry.lastPicture);
      }
    }
    return pictures;
  }

  public synchronized boolean knows(String cameraId) {
    return entries.containsKey(cameraId);
  }

  /**
   * How far the answers are behind the pictures, for the camera that is furthest behind: newest
   * picture's capture time less that of the newest answer.
   *
   * @return seconds; empty where no camera has both
   */
  public synchronized Optional<Double> secondsBehind(Map<String, OutcomeTotals> totals) {
    Optional<Double> most = Optional.empty();
    for (var camera : entries.entrySet()) {
      Entry entry = camera.getValue();
      OutcomeTotals answered = totals.get(camera.getKey());
      if (entry.lastFrameMicros > 0 && answered != null) {
        long behind = Math.max(0, entry.lastFrameMicros - answered.lastCaptureTimeMicros());
        most = Optional.of(Math.max(most.orElse(0.0), behind / 1e6));
      }
    }
    return most;
  }

  /** Every camera by id, as of {@code nowMicros}. */
  public synchronized List<CameraView> views(
      Map<String, OutcomeTotals> totals, long accountedUpToMicros, long nowMicros) {
    List<CameraView> views = new ArrayList<>();
    for (var camera : entries.entrySet()) {
      Entry entry = camera.getValue();
      var ledger = entry.ledger.view(totals.get(camera.getKey()), accountedUpToMicros, nowMicros);
      views.add(view(camera.getKey(), entry, ledger, nowMicros));
    }
    return views;
  }

  private Entry entry(String cameraId, long heardAtMicros) {
    return entries.computeIfAbsent(
        cameraId,
        id -> {
          Entry made = new Entry(accuracyWindow);
          made.firstHeardAtMicros = heardAtMicros;
          return made;
        });
  }

  private static CameraView view(
      String id, Entry entry, CameraView.LedgerView ledger, long nowMicros) {
    CameraStatus status = entry.status;
    boolean silent = nowMicros - entry.heardAtMicros > SILENCE_MICROS && !isAtRest(status);
    CameraState said = status == null ? CameraState.LIVE : status.getState();
    String cause = status == null ? null : status.getCause();
    long since = status == null ? entry.firstHeardAtMicros : status.getSinceMicros();
    Long retryAt = status == null ? null : status.getRetryAtMicros();
    float framesPerSecond = status == null ? 0 : status.getFramesPerSecond();
    if (silent) {
      said = CameraState.NO_PICTURE;
      cause = "ingest has not reported since " + clockTime(entry.heardAtMicros);
      since = entry.heardAtMicros;
      retryAt = null;
      framesPerSecond = 0;
    }
    return new CameraView(
        id,
        said.name(),
        cause,
        since,
        retryAt,
        status == null ? 0 : status.getAttempt(),
        lastCapture(entry),
        status == null ? "" : status.getSource(),
        entry.widthPx > 0 || status == null ? entry.widthPx : status.getWidthPx(),
        entry.heightPx > 0 || status == null ? entry.heightPx : status.getHeightPx(),
        framesPerSecond,
        ledger,
        MeasuredAccuracy.of(List.of(entry.accuracy)).orElse(null));
  }

  /** An ingest that was stopped, or has read its file to the end, has nothing more to report. */
  private static boolean isAtRest(@Nullable CameraStatus status) {
    return status != null
        && (status.getState() == CameraState.ENDED || status.getState() == CameraState.STOPPED);
  }

  private static @Nullable Long lastCapture(Entry entry) {
    Long said = entry.status == null ? null : entry.status.getLastCaptureTimeMicros();
    long last = Math.max(entry.lastFrameMicros, said == null ? 0 : said);
    return last == 0 ? null : last;
  }

  private static String clockTime(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS).truncatedTo(ChronoUnit.SECONDS).toString();
  }

  static long nowMicros() {
    Instant now = Instant.now();
    return TimeUnit.SECONDS.toMicros(now.getEpochSecond()) + now.getNano() / 1_000;
  }
}
