package dev.fovea.sink.web;

import dev.fovea.schema.Metrics;
import dev.fovea.schema.Metrics.Kind;
import dev.fovea.sink.live.CameraBoard;
import dev.fovea.sink.live.DetectorLag;
import dev.fovea.sink.live.LiveFeed;
import dev.fovea.sink.live.Rates;
import dev.fovea.sink.store.OutcomeTotals;
import dev.fovea.sink.store.StoreWriter;
import dev.fovea.sink.topology.CountsStreams;
import java.util.LinkedHashMap;
import java.util.Map;

/** Which figures the sink gives to Prometheus. */
public final class SinkMetrics {
  private SinkMetrics() {}

  public static Metrics of(
      StoreWriter writer,
      LiveFeed feed,
      LiveHub hub,
      Rates rates,
      CameraBoard board,
      DetectorLag lag,
      CountsStreams counts) {
    return new Metrics()
        .addByLabels(
            "fovea_sink_answers_total",
            Kind.COUNTER,
            "Frames answered by the detector and kept in the store, by outcome.",
            () -> byOutcome(writer.totals()))
        .add(
            "fovea_sink_store_rejected_records_total",
            Kind.COUNTER,
            "Records not stored because they break their contract.",
            writer::rejectedRecords)
        .add(
            "fovea_sink_store_up",
            Kind.GAUGE,
            "1 while the database works, 0 while it is away.",
            () -> writer.trouble().isEmpty() ? 1 : 0)
        .add(
            "fovea_sink_counts_late_records_total",
            Kind.COUNTER,
            "Answers that came after their window was closed.",
            () -> counts.total("late"))
        .add(
            "fovea_sink_counts_duplicate_records_total",
            Kind.COUNTER,
            "Answers to a frame that was counted before.",
            () -> counts.total("duplicate"))
        .add(
            "fovea_sink_live_unreadable_records_total",
            Kind.COUNTER,
            "Records that the live feed could not read.",
            feed::unreadableRecords)
        .add(
            "fovea_sink_live_evicted_pictures_total",
            Kind.COUNTER,
            "Pictures given up because their answers were too long in coming.",
            feed::evictedPictures)
        .add(
            "fovea_sink_live_pushed_pictures_total",
            Kind.COUNTER,
            "Pictures handed to browsers.",
            hub::pushedPictures)
        .add(
            "fovea_sink_live_replaced_pictures",
            Kind.GAUGE,
            "Pictures replaced by newer ones for browsers that are slow, of those connected.",
            hub::replacedPictures)
        .add("fovea_sink_live_clients", Kind.GAUGE, "Browsers connected.", hub::clients)
        .add(
            "fovea_sink_live_frames_per_second",
            Kind.GAUGE,
            "Pictures paired with their answers, a second over the last 5 s.",
            () -> rates.framesPerSecond(LiveHub.nowMicros()))
        .addByLabels(
            "fovea_sink_capture_to_push_milliseconds",
            Kind.GAUGE,
            "From capture to push, over the last 60 s, by quantile.",
            () -> latencies(rates))
        .addByLabels(
            "fovea_sink_detector_lag_frames",
            Kind.GAUGE,
            "Frames that wait for the detector.",
            () -> lagFrames(lag))
        .addByLabels(
            "fovea_sink_measured_ap50",
            Kind.GAUGE,
            "AP at IoU .5 of the published boxes over a camera's last frames, where it knows what is in them.",
            () -> accuracies(board));
  }

  private static Map<String, Double> byOutcome(Map<String, OutcomeTotals> totals) {
    Map<String, Double> byOutcome = new LinkedHashMap<>();
    totals
        .values()
        .forEach(
            camera -> {
              put(byOutcome, camera, "DETECTED", camera.detected());
              put(byOutcome, camera, "UNCHANGED", camera.unchanged());
              put(byOutcome, camera, "STALE", camera.stale());
              put(byOutcome, camera, "UNDECODABLE", camera.undecodable());
            });
    return byOutcome;
  }

  private static void put(
      Map<String, Double> values, OutcomeTotals camera, String outcome, long value) {
    values.put("{camera=\"" + camera.camera() + "\",outcome=\"" + outcome + "\"}", (double) value);
  }

  private static Map<String, Double> latencies(Rates rates) {
    Map<String, Double> latencies = new LinkedHashMap<>();
    for (double quantile : new double[] {0.5, 0.99}) {
      rates
          .latencyMillis(LiveHub.nowMicros(), quantile)
          .ifPresent(ms -> latencies.put(Metrics.label("quantile", "" + quantile), ms));
    }
    return latencies;
  }

  private static Map<String, Double> lagFrames(DetectorLag lag) {
    DetectorLag.Lag now = lag.lag();
    return now == null ? Map.of() : Map.of("", (double) now.frames());
  }

  private static Map<String, Double> accuracies(CameraBoard board) {
    Map<String, Double> accuracies = new LinkedHashMap<>();
    board
        .accuracyByCamera()
        .forEach((id, view) -> accuracies.put(Metrics.label("camera", id), view.ap50()));
    return accuracies;
  }
}
