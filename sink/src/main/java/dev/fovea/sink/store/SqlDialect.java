package dev.fovea.sink.store;

import dev.fovea.schema.avro.Detections;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** In what the two databases differ. */
interface SqlDialect {
  /** Statements that make the tables and indices. */
  List<String> tables();

  /** Inserts answers and their boxes in bulk; none of them has a row yet. */
  void insert(Connection connection, List<Detections> answers) throws SQLException;

  /** What a failure means, in one sentence, and whether it may pass. */
  StoreException explain(SQLException failure);

  /** {@code text} as every database takes it: PostgreSQL's text has no NUL. */
  static String storable(String text) {
    return text.indexOf('\0') < 0 ? text : text.replace('\0', '\uFFFD');
  }

  /** The tables, the same but for the boxes' key. */
  static List<String> commonTables(String objectsKey) {
    return List.of(
        "CREATE TABLE detections (camera VARCHAR(64) NOT NULL, capture_micros BIGINT NOT NULL,"
            + " frame_number BIGINT NOT NULL, width_px INTEGER NOT NULL,"
            + " height_px INTEGER NOT NULL, outcome VARCHAR(16) NOT NULL,"
            + " model_name TEXT NOT NULL, model_version TEXT NOT NULL, engine TEXT NOT NULL,"
            + " queue_micros BIGINT NOT NULL, decode_micros BIGINT NOT NULL,"
            + " batch_wait_micros BIGINT NOT NULL, infer_micros BIGINT NOT NULL,"
            + " postprocess_micros BIGINT NOT NULL, error TEXT,"
            + " PRIMARY KEY (camera, capture_micros))",
        "CREATE TABLE objects (camera VARCHAR(64) NOT NULL, capture_micros BIGINT NOT NULL,"
            + " place INTEGER NOT NULL, label TEXT NOT NULL, score REAL NOT NULL,"
            + " x1 REAL NOT NULL, y1 REAL NOT NULL, x2 REAL NOT NULL, y2 REAL NOT NULL"
            + objectsKey
            + ")",
        "CREATE TABLE counts (camera VARCHAR(64) NOT NULL, label TEXT NOT NULL,"
            + " start_micros BIGINT NOT NULL, end_micros BIGINT NOT NULL, frames BIGINT NOT NULL,"
            + " objects BIGINT NOT NULL, max_in_frame INTEGER NOT NULL,"
            + " PRIMARY KEY (camera, label, start_micros))",
        "CREATE TABLE outcome_totals (camera VARCHAR(64) PRIMARY KEY, detected BIGINT NOT NULL,"
            + " unchanged BIGINT NOT NULL, stale BIGINT NOT NULL, undecodable BIGINT NOT NULL,"
            + " first_frame_number BIGINT NOT NULL, last_frame_number BIGINT NOT NULL,"
            + " last_capture_micros BIGINT NOT NULL, missing BIGINT NOT NULL,"
            + " repeated BIGINT NOT NULL)",
        "CREATE TABLE kafka_positions (topic VARCHAR(249) NOT NULL, partition_id INTEGER NOT NULL,"
            + " topic_id VARCHAR(36) NOT NULL, next_offset BIGINT NOT NULL,"
            + " PRIMARY KEY (topic, partition_id))");
  }
}
