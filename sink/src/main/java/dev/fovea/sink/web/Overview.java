package dev.fovea.sink.web;

import dev.fovea.sink.live.CameraBoard;
import dev.fovea.sink.live.CameraView;
import dev.fovea.sink.live.DetectorLag;
import dev.fovea.sink.live.ModelInUse;
import dev.fovea.sink.live.Rates;
import dev.fovea.sink.store.OutcomeTotals;
import dev.fovea.sink.web.Messages.LagView;
import dev.fovea.sink.web.Messages.Latency;
import dev.fovea.sink.web.Messages.LedgerSum;
import dev.fovea.sink.web.Messages.Summary;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Puts together what the dashboard's strip and tiles show. Thread-safe. */
public final class Overview {
  private static final List<String> WORST_LAST = List.of("balanced", "settling", "unbalanced");

  private final CameraBoard board;
  private final Rates rates;
  private final ModelInUse model;
  private final DetectorLag lag;
  private final Supplier<Map<String, OutcomeTotals>> totals;

  /**
   * @param totals every camera's totals in the store
   */
  public Overview(
      CameraBoard board,
      Rates rates,
      ModelInUse model,
      DetectorLag lag,
      Supplier<Map<String, OutcomeTotals>> totals) {
    this.board = board;
    this.rates = rates;
    this.model = model;
    this.lag = lag;
    this.totals = totals;
  }

  List<CameraView> cameras(long nowMicros) {
    return board.views(totals.get(), lag.accountedUpToMicros(), nowMicros);
  }

  Summary summary(long nowMicros) {
    return new Summary(
        "summary",
        nowMicros,
        rates.framesPerSecond(nowMicros),
        rates.boxesPerSecond(nowMicros),
        new Latency(
            orNull(rates.latencyMillis(nowMicros, 0.50)),
            orNull(rates.latencyMillis(nowMicros, 0.99))),
        lagView(),
        model.model().orElse(null),
        sum(cameras(nowMicros)),
        board.accuracy().orElse(null));
  }

  private LagView lagView() {
    DetectorLag.Lag now = lag.lag();
    if (now == null) {
      return new LagView(null, null, null);
    }
    Double seconds = now.frames() == 0 ? Double.valueOf(0) : behind();
    return new LagView(now.frames(), seconds, now.workers());
  }

  private @Nullable Double behind() {
    return board.secondsBehind(totals.get()).orElse(null);
  }

  private static LedgerSum sum(List<CameraView> cameras) {
    int worst = 0;
    long inFlight = 0;
    long unaccounted = 0;
    for (CameraView camera : cameras) {
      worst = Math.max(worst, WORST_LAST.indexOf(camera.ledger().state()));
      inFlight += camera.ledger().inFlight();
      unaccounted += camera.ledger().unaccounted();
    }
    return new LedgerSum(WORST_LAST.get(worst), inFlight, unaccounted);
  }

  private static @Nullable Double orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }
}
