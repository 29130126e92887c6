package dev.fovea.sink.store;

import dev.fovea.schema.avro.Detection;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.StageTimings;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** PostgreSQL: rows go in as batches that the driver rewrites to multi-row inserts. */
final class PostgresDialect implements SqlDialect {
  /**
   * SQL states that may pass, by class: connection, transaction roll-back (dead-lock,
   * serialisation), resources, operator intervention (restart), system error, read-only after a
   * fail-over.
   */
  private static final Set<String> PASSING = Set.of("08", "40", "53", "57", "58", "25");

  @Override
  public List<String> tables() {
    List<String> statements =
        new ArrayList<>(SqlDialect.commonTables(", PRIMARY KEY (camera, capture_micros, place)"));
    statements.add("CREATE INDEX detections_by_time ON detections (capture_micros, camera)");
    statements.add("CREATE INDEX objects_by_time ON objects (capture_micros)");
    statements.add("CREATE INDEX counts_by_time ON counts (start_micros, camera, label)");
    return statements;
  }

  @Override
  public void insert(Connection connection, List<Detections> answers) throws SQLException {
    if (answers.isEmpty()) {
      return;
    }
    try (PreparedStatement rows =
        connection.prepareStatement(
            "INSERT INTO detections (camera, capture_micros, frame_number, width_px, height_px,"
                + " outcome, model_name, model_version, engine, queue_micros, decode_micros,"
                + " batch_wait_micros, infer_micros, postprocess_micros, error)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
      for (Detections answer : answers) {
        add(rows, answer);
      }
      rows.executeBatch();
    }
    try (PreparedStatement rows =
        connection.prepareStatement(
            "INSERT INTO objects (camera, capture_micros, place, label, score, x1, y1, x2, y2)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
      for (Detections answer : answers) {
        int place = 0;
        for (Detection box : answer.getDetections()) {
          add(rows, answer, place++, box);
        }
      }
      rows.executeBatch();
    }
  }

  private static void add(PreparedStatement rows, Detections answer) throws SQLException {
    StageTimings timings = answer.getTimings();
    String error = answer.getError();
    rows.setString(1, answer.getCameraId());
    rows.setLong(2, answer.getCaptureTimeMicros());
    rows.setLong(3, answer.getFrameNumber());
    rows.setInt(4, answer.getWidthPx());
    rows.setInt(5, answer.getHeightPx());
    rows.setString(6, answer.getOutcome().name());
    rows.setString(7, SqlDialect.storable(answer.getModelName()));
    rows.setString(8, SqlDialect.storable(answer.getModelVersion()));
    rows.setString(9, SqlDialect.storable(answer.getEngine()));
    rows.setLong(10, timings.getQueueMicros());
    rows.setLong(11, timings.getDecodeMicros());
    rows.setLong(12, timings.getBatchWaitMicros());
    rows.setLong(13, timings.getInferMicros());
    rows.setLong(14, timings.getPostprocessMicros());
    rows.setString(15, error == null ? null : SqlDialect.storable(error));
    rows.addBatch();
  }

  private static void add(PreparedStatement rows, Detections answer, int place, Detection box)
      throws SQLException {
    rows.setString(1, answer.getCameraId());
    rows.setLong(2, answer.getCaptureTimeMicros());
    rows.setInt(3, place);
    rows.setString(4, SqlDialect.storable(box.getLabel()));
    rows.setFloat(5, box.getScore());
    rows.setFloat(6, box.getX1());
    rows.setFloat(7, box.getY1());
    rows.setFloat(8, box.getX2());
    rows.setFloat(9, box.getY2());
    rows.addBatch();
  }

  @Override
  public StoreException explain(SQLException failure) {
    String state = failure.getSQLState();
    boolean passes =
        failure instanceof SQLTransientException
            || (state != null && state.length() == 5 && PASSING.contains(state.substring(0, 2)));
    String firstLine = String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
    String sentence = "the PostgreSQL database: " + firstLine;
    return passes
        ? StoreException.passing(sentence, failure)
        : StoreException.lasting(sentence, failure);
  }
}
