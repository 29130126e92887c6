package dev.fovea.sink.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;

/** {@link OutcomeTotals} as rows. */
final class TotalsSql {
  static final String SELECT =
      "SELECT camera, detected, unchanged, stale, undecodable, first_frame_number,"
          + " last_frame_number, last_capture_micros, missing, repeated FROM outcome_totals";

  private static final String UPSERT =
      "INSERT INTO outcome_totals (camera, detected, unchanged, stale, undecodable,"
          + " first_frame_number, last_frame_number, last_capture_micros, missing, repeated)"
          + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (camera) DO UPDATE SET"
          + " detected = excluded.detected, unchanged = excluded.unchanged,"
          + " stale = excluded.stale, undecodable = excluded.undecodable,"
          + " first_frame_number = excluded.first_frame_number,"
          + " last_frame_number = excluded.last_frame_number,"
          + " last_capture_micros = excluded.last_capture_micros,"
          + " missing = excluded.missing, repeated = excluded.repeated";

  private TotalsSql() {}

  static OutcomeTotals read(ResultSet row) throws SQLException {
    return new OutcomeTotals(
        row.getString(1),
        row.getLong(2),
        row.getLong(3),
        row.getLong(4),
        row.getLong(5),
        row.getLong(6),
        row.getLong(7),
        row.getLong(8),
        row.getLong(9),
        row.getLong(10));
  }

  static void upsert(Connection connection, Collection<OutcomeTotals> totals) throws SQLException {
    if (totals.isEmpty()) {
      return;
    }
    try (PreparedStatement upsert = connection.prepareStatement(UPSERT)) {
      for (OutcomeTotals camera : totals) {
        upsert.setString(1, camera.camera());
        upsert.setLong(2, camera.detected());
        upsert.setLong(3, camera.unchanged());
        upsert.setLong(4, camera.stale());
        upsert.setLong(5, camera.undecodable());
        upsert.setLong(6, camera.firstFrameNumber());
        upsert.setLong(7, camera.lastFrameNumber());
        upsert.setLong(8, camera.lastCaptureTimeMicros());
        upsert.setLong(9, camera.missing());
        upsert.setLong(10, camera.repeated());
        upsert.addBatch();
      }
      upsert.executeBatch();
    }
  }
}
