package dev.fovea.sink.web;

import dev.fovea.sink.live.CameraBoard;
import dev.fovea.sink.live.CameraView;
import dev.fovea.sink.live.PairedFrame;
import dev.fovea.sink.store.DetectionQueries;
import dev.fovea.sink.store.DetectionQueries.AnswerKey;
import dev.fovea.sink.store.DetectionQueries.AnswerQuery;
import dev.fovea.sink.store.DetectionQueries.CountedWindow;
import dev.fovea.sink.store.DetectionQueries.StoredAnswer;
import dev.fovea.sink.store.DetectionQueries.WindowKey;
import dev.fovea.sink.store.DetectionQueries.WindowQuery;
import dev.fovea.sink.store.StoreException;
import dev.fovea.sink.web.Parameters.BadParameter;
import io.javalin.http.Context;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The handlers of {@code /api/…}; {@code openapi.json} describes each. */
final class RestApi {
  private static final long HOUR_MICROS = TimeUnit.HOURS.toMicros(1);
  private static final long PICTURE_TOO_OLD_MICROS = TimeUnit.SECONDS.toMicros(10);
  private static final int DEFAULT_LIMIT = 1_000;

  private final Overview overview;
  private final CameraBoard board;
  private final DetectionQueries queries;

  RestApi(Overview overview, CameraBoard board, DetectionQueries queries) {
    this.overview = overview;
    this.board = board;
    this.queries = queries;
  }

  void cameras(Context context) {
    new Parameters(context, Set.of());
    long now = LiveHub.nowMicros();
    json(context, new Messages.CamerasBody(now, overview.cameras(now)));
  }

  void camera(Context context) {
    new Parameters(context, Set.of());
    String id = Parameters.camera("id", context.pathParam("id"));
    Optional<CameraView> camera =
        overview.cameras(LiveHub.nowMicros()).stream().filter(c -> c.id().equals(id)).findFirst();
    if (camera.isPresent()) {
      json(context, camera.get());
    } else {
      error(context, 404, "camera " + id + ": not known");
    }
  }

  /** The last picture: 404 where there never was one, 410 where it is too old to be called live. */
  void picture(Context context) {
    new Parameters(context, Set.of());
    String id = Parameters.camera("id", context.pathParam("id"));
    Optional<PairedFrame> last = board.lastPicture(id);
    if (last.isEmpty()) {
      String why = board.knows(id) ? "no picture since the sink started" : "not known";
      error(context, 404, "camera " + id + ": " + why);
      return;
    }
    PairedFrame pair = last.get();
    long age = LiveHub.nowMicros() - pair.captureTimeMicros();
    if (age > PICTURE_TOO_OLD_MICROS) {
      error(context, 410, "camera " + id + ": the last picture is " + age / 1_000_000 + " s old");
      return;
    }
    context
        .header("X-Capture-Time-Micros", Long.toString(pair.captureTimeMicros()))
        .header("Cache-Control", "no-store")
        .contentType("image/jpeg")
        .result(pair.jpeg());
  }

  void detections(Context context) throws StoreException {
    Parameters parameters =
        new Parameters(context, Set.of("camera", "from", "to", "limit", "after"));
    int limit = parameters.limit(DEFAULT_LIMIT);
    Range range = Range.of(parameters);
    List<StoredAnswer> answers =
        queries.answers(
            new AnswerQuery(
                parameters.camera(), range.from, range.to, limit, parameters.afterAnswer()));
    String next = null;
    if (answers.size() == limit) {
      StoredAnswer last = answers.get(limit - 1);
      next = Parameters.next(new AnswerKey(last.captureTimeMicros(), last.camera()));
    }
    json(context, new Messages.DetectionsPage(answers, next));
  }

  void counts(Context context) throws StoreException {
    Parameters parameters =
        new Parameters(context, Set.of("camera", "label", "from", "to", "limit", "after"));
    int limit = parameters.limit(Parameters.MAX_LIMIT);
    Range range = Range.of(parameters);
    List<CountedWindow> windows =
        queries.windows(
            new WindowQuery(
                parameters.camera(),
                parameters.label(),
                range.from,
                range.to,
                limit,
                parameters.afterWindow()));
    String next = null;
    if (windows.size() == limit) {
      CountedWindow last = windows.get(limit - 1);
      next = Parameters.next(new WindowKey(last.startMicros(), last.camera(), last.label()));
    }
    json(context, new Messages.CountsPage(windows, next));
  }

  void summary(Context context) {
    new Parameters(context, Set.of());
    json(context, overview.summary(LiveHub.nowMicros()));
  }

  /** From (inclusive) to (exclusive), by default the last hour. */
  private record Range(long from, long to) {
    static Range of(Parameters parameters) {
      long to = parameters.timeMicros("to", Long.MAX_VALUE);
      long upTo = Math.min(to, LiveHub.nowMicros());
      long from = parameters.timeMicros("from", upTo - HOUR_MICROS);
      if (from >= to) {
        throw new BadParameter("from", Long.toString(from), "must be before parameter to");
      }
      return new Range(from, to);
    }
  }

  static void json(Context context, Object body) {
    context
        .header("Cache-Control", "no-store")
        .contentType("application/json")
        .result(Json.bytes(body));
  }

  static void error(Context context, int status, String sentence) {
    context.status(status);
    json(context, new Messages.Refusal(sentence));
  }
}
