package dev.fovea.sink.store;

import dev.fovea.schema.avro.Count;
import dev.fovea.schema.avro.Detections;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;

/**
 * The writing side in SQL that DuckDB and PostgreSQL both understand; what differs (bulk rows, what
 * an error means) is the {@link SqlDialect}'s. Used by one thread at a time.
 */
final class JdbcDetectionStore implements DetectionStore {
  private static final int SCHEMA_VERSION = 1;

  private final DataSource connections;
  private final SqlDialect dialect;
  private final AutoCloseable owned;
  private boolean tablesMade;

  /**
   * A store whose tables are made at its first use: the database need not be there before.
   *
   * @param owned what {@link #close} closes
   */
  JdbcDetectionStore(DataSource connections, SqlDialect dialect, AutoCloseable owned) {
    this.connections = connections;
    this.dialect = dialect;
    this.owned = owned;
  }

  private interface Work<T> {
    T run(Connection connection) throws SQLException, StoreException;
  }

  @Override
  public List<Position> positions() throws StoreException {
    return inTransaction(
        connection -> {
          List<Position> positions = new ArrayList<>();
          try (Statement statement = connection.createStatement();
              ResultSet rows =
                  statement.executeQuery(
                      "SELECT topic, partition_id, topic_id, next_offset FROM kafka_positions")) {
            while (rows.next()) {
              positions.add(
                  new Position(
                      rows.getString(1), rows.getInt(2), rows.getString(3), rows.getLong(4)));
            }
          }
          return positions;
        });
  }

  @Override
  public Map<String, OutcomeTotals> totals() throws StoreException {
    return inTransaction(
        connection -> {
          Map<String, OutcomeTotals> totals = new HashMap<>();
          try (Statement statement = connection.createStatement();
              ResultSet rows = statement.executeQuery(TotalsSql.SELECT)) {
            while (rows.next()) {
              OutcomeTotals camera = TotalsSql.read(rows);
              totals.put(camera.camera(), camera);
            }
          }
          return totals;
        });
  }

  @Override
  public Map<String, OutcomeTotals> write(Batch batch) throws StoreException {
    return inTransaction(
        connection -> {
          advance(connection, batch.advances());
          Map<String, OutcomeTotals> totals = totalsOf(connection, batch.answers());
          List<Detections> fresh = count(connection, batch.answers(), totals);
          dialect.insert(connection, fresh);
          TotalsSql.upsert(connection, totals.values());
          upsertCounts(connection, batch.counts());
          return totals;
        });
  }

  @Override
  public void startOver(String topic, boolean totals) throws StoreException {
    inTransaction(
        connection -> {
          try (PreparedStatement forget =
              connection.prepareStatement("DELETE FROM kafka_positions WHERE topic = ?")) {
            forget.setString(1, topic);
            forget.executeUpdate();
          }
          if (totals) {
            try (Statement statement = connection.createStatement()) {
              statement.executeUpdate("DELETE FROM outcome_totals");
            }
          }
          return true;
        });
  }

  @Override
  public long removeBefore(long captureTimeMicros, long countsBeforeMicros) throws StoreException {
    return inTransaction(
        connection -> {
          delete(connection, "DELETE FROM objects WHERE capture_micros < ?", captureTimeMicros);
          delete(connection, "DELETE FROM counts WHERE start_micros < ?", countsBeforeMicros);
          return delete(
              connection, "DELETE FROM detections WHERE capture_micros < ?", captureTimeMicros);
        });
  }

  @Override
  public void close() {
    try {
      owned.close();
    } catch (Exception e) {
      throw new IllegalStateException("the store could not be closed: " + e.getMessage(), e);
    }
  }

  private static long delete(Connection connection, String sql, long before) throws SQLException {
    try (PreparedStatement delete = connection.prepareStatement(sql)) {
      delete.setLong(1, before);
      return delete.executeUpdate();
    }
  }

  /**
   * Moves the positions on, from exactly where this writer believes them to be. If they are
   * elsewhere, another writer has been here, and going on would count records twice.
   */
  private static void advance(Connection connection, List<Advance> advances)
      throws SQLException, StoreException {
    try (PreparedStatement update =
            connection.prepareStatement(
                "UPDATE kafka_positions SET next_offset = ? WHERE topic = ? AND partition_id = ?"
                    + " AND topic_id = ? AND next_offset = ?");
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO kafka_positions (next_offset, topic, partition_id, topic_id)"
                    + " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
      for (Advance advance : advances) {
        boolean isNew = advance.fromOffset() < 0;
        PreparedStatement statement = isNew ? insert : update;
        statement.setLong(1, advance.toOffset());
        statement.setString(2, advance.topic());
        statement.setInt(3, advance.partition());
        statement.setString(4, advance.topicId());
        if (!isNew) {
          statement.setLong(5, advance.fromOffset());
        }
        if (statement.executeUpdate() != 1) {
          throw StoreException.lasting(
              "another sink writes to this database (position of "
                  + advance.topic()
                  + "-"
                  + advance.partition()
                  + " is no longer "
                  + advance.fromOffset()
                  + "); a database takes one sink",
              new IllegalStateException("position moved"));
        }
      }
    }
  }

  private static Map<String, OutcomeTotals> totalsOf(
      Connection connection, List<Detections> answers) throws SQLException {
    Set<String> cameras = new HashSet<>();
    answers.forEach(answer -> cameras.add(answer.getCameraId()));
    Map<String, OutcomeTotals> totals = new HashMap<>();
    try (PreparedStatement select =
        connection.prepareStatement(TotalsSql.SELECT + " WHERE camera = ?")) {
      for (String camera : cameras) {
        select.setString(1, camera);
        try (ResultSet rows = select.executeQuery()) {
          if (rows.next()) {
            totals.put(camera, TotalsSql.read(rows));
          }
        }
      }
    }
    return totals;
  }

  /** Counts every answer into {@code totals} and returns those that have no row yet. */
  private static List<Detections> count(
      Connection connection, List<Detections> answers, Map<String, OutcomeTotals> totals)
      throws SQLException {
    Map<DetectionQueries.AnswerKey, Detections> fresh = new LinkedHashMap<>();
    try (PreparedStatement exists =
        connection.prepareStatement(
            "SELECT 1 FROM detections WHERE camera = ? AND capture_micros = ?")) {
      for (Detections answer : answers) {
        OutcomeTotals known = totals.get(answer.getCameraId());
        boolean later =
            known != null && answer.getCaptureTimeMicros() > known.lastCaptureTimeMicros();
        // Capture times rise: only one that does not can have a row already, so that looking it up
        // costs nothing in the normal case.
        if (later || !hasRow(exists, answer)) {
          fresh.putIfAbsent(
              new DetectionQueries.AnswerKey(answer.getCaptureTimeMicros(), answer.getCameraId()),
              answer);
        }
        totals.put(
            answer.getCameraId(), known == null ? OutcomeTotals.first(answer) : known.plus(answer));
      }
    }
    return new ArrayList<>(fresh.values());
  }

  private static boolean hasRow(PreparedStatement exists, Detections answer) throws SQLException {
    exists.setString(1, answer.getCameraId());
    exists.setLong(2, answer.getCaptureTimeMicros());
    try (ResultSet rows = exists.executeQuery()) {
      return rows.next();
    }
  }

  private static void upsertCounts(Connection connection, List<Count> counts) throws SQLException {
    if (counts.isEmpty()) {
      return;
    }
    Map<DetectionQueries.WindowKey, Count> last = new LinkedHashMap<>();
    for (Count count : counts) {
      last.put(
          new DetectionQueries.WindowKey(
              count.getWindowStartMicros(), count.getCameraId(), count.getLabel()),
          count);
    }
    try (PreparedStatement upsert =
        connection.prepareStatement(
            "INSERT INTO counts (camera, label, start_micros, end_micros, frames, objects,"
                + " max_in_frame) VALUES (?, ?, ?, ?, ?, ?, ?)"
                + " ON CONFLICT (camera, label, start_micros) DO UPDATE SET"
                + " end_micros = excluded.end_micros, frames = excluded.frames,"
                + " objects = excluded.objects, max_in_frame = excluded.max_in_frame")) {
      for (Count count : last.values()) {
        upsert.setString(1, count.getCameraId());
        upsert.setString(2, SqlDialect.storable(count.getLabel()));
        upsert.setLong(3, count.getWindowStartMicros());
        upsert.setLong(4, count.getWindowEndMicros());
        upsert.setLong(5, count.getFrames());
        upsert.setLong(6, count.getObjects());
        upsert.setInt(7, count.getMaxInFrame());
        upsert.addBatch();
      }
      upsert.executeBatch();
    }
  }

  private void makeTables(Connection connection) throws SQLException, StoreException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE IF NOT EXISTS fovea_schema (version INTEGER NOT NULL)");
      try (ResultSet rows = statement.executeQuery("SELECT max(version) FROM fovea_schema")) {
        int found = rows.next() ? rows.getInt(1) : 0;
        if (found > SCHEMA_VERSION) {
          throw StoreException.lasting(
              "the database was made by a newer Fovea (schema "
                  + found
                  + ", this one knows "
                  + SCHEMA_VERSION
                  + ")",
              new IllegalStateException("schema version"));
        }
        if (found == SCHEMA_VERSION) {
          return;
        }
      }
      for (String table : dialect.tables()) {
        statement.execute(table);
      }
      statement.execute("INSERT INTO fovea_schema VALUES (" + SCHEMA_VERSION + ")");
    }
  }

  private <T> T inTransaction(Work<T> work) throws StoreException {
    try (Connection connection = connections.getConnection()) {
      connection.setAutoCommit(false);
      try {
        if (!tablesMade) {
          makeTables(connection);
        }
        T result = work.run(connection);
        connection.commit();
        tablesMade = true;
        return result;
      } catch (SQLException | StoreException | RuntimeException e) {
        rollBack(connection, e);
        throw e;
      }
    } catch (SQLException e) {
      throw dialect.explain(e);
    }
  }

  private static void rollBack(Connection connection, Exception cause) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }
}
