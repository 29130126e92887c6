package dev.fovea.sink.store;

import dev.fovea.schema.avro.Detection;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.StageTimings;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/** DuckDB: rows go in through its appender, which takes part in the transaction. */
final class DuckDbDialect implements SqlDialect {
  private final String file;

  /**
   * @param file the database file, as errors name it
   */
  DuckDbDialect(String file) {
    this.file = file;
  }

  @Override
  public List<String> tables() {
    // No key on the boxes: min/max zone maps find them by time, and an index would cost memory.
    return SqlDialect.commonTables("");
  }

  @Override
  public void insert(Connection connection, List<Detections> answers) throws SQLException {
    if (answers.isEmpty()) {
      return;
    }
    DuckDBConnection duckDb = connection.unwrap(DuckDBConnection.class);
    try (DuckDBAppender rows = duckDb.createAppender("detections")) {
      for (Detections answer : answers) {
        append(rows, answer);
      }
    }
    try (DuckDBAppender rows = duckDb.createAppender("objects")) {
      for (Detections answer : answers) {
        int place = 0;
        for (Detection box : answer.getDetections()) {
          append(rows, answer, place++, box);
        }
      }
    }
  }

  private static void append(DuckDBAppender rows, Detections answer) throws SQLException {
    StageTimings timings = answer.getTimings();
    rows.beginRow()
        .append(answer.getCameraId())
        .append(answer.getCaptureTimeMicros())
        .append(answer.getFrameNumber())
        .append(answer.getWidthPx())
        .append(answer.getHeightPx())
        .append(answer.getOutcome().name())
        .append(SqlDialect.storable(answer.getModelName()))
        .append(SqlDialect.storable(answer.getModelVersion()))
        .append(SqlDialect.storable(answer.getEngine()))
        .append(timings.getQueueMicros())
        .append(timings.getDecodeMicros())
        .append(timings.getBatchWaitMicros())
        .append(timings.getInferMicros())
        .append(timings.getPostprocessMicros());
    String error = answer.getError();
    if (error == null) {
      rows.appendNull();
    } else {
      rows.append(SqlDialect.storable(error));
    }
    rows.endRow();
  }

  private static void append(DuckDBAppender rows, Detections answer, int place, Detection box)
      throws SQLException {
    rows.beginRow()
        .append(answer.getCameraId())
        .append(answer.getCaptureTimeMicros())
        .append(place)
        .append(SqlDialect.storable(box.getLabel()))
        .append(box.getScore())
        .append(box.getX1())
        .append(box.getY1())
        .append(box.getX2())
        .append(box.getY2())
        .endRow();
  }

  /** DuckDB has no SQL states: its messages begin with the kind of error. */
  @Override
  public StoreException explain(SQLException failure) {
    String said = String.valueOf(failure.getMessage());
    String firstLine = said.lines().findFirst().orElse("no reason given");
    String lower = said.toLowerCase(Locale.ROOT);
    if (lower.contains("could not set lock")) {
      return StoreException.lasting(
          "the database file "
              + file
              + " is in use by another process; stop that one, or choose another folder with"
              + " data-dir ("
              + firstLine
              + ")",
          failure);
    }
    if (lower.contains("not a valid duckdb database")
        || lower.contains("corrupt")
        || lower.contains("serialization error")) {
      return StoreException.lasting(
          "the database file "
              + file
              + " is damaged or no DuckDB database; move it away and a new one is filled from"
              + " Kafka ("
              + firstLine
              + ")",
          failure);
    }
    if (lower.contains("failed to commit")) {
      // What it could not write, DuckDB keeps in memory as if it had: only opening the file again
      // shows what is in it, so trying again here would find its own rows and take them for
      // another's.
      return StoreException.lasting(
          "the database file "
              + file
              + " could not be written; make room on its disk and start the sink again, which goes"
              + " on where the file is and loses nothing ("
              + firstLine
              + ")",
          failure);
    }
    boolean passes = lower.contains("no space left") || lower.contains("out of memory");
    String sentence = "the database file " + file + ": " + firstLine;
    return passes
        ? StoreException.passing(sentence, failure)
        : StoreException.lasting(sentence, failure);
  }
}
