package dev.fovea.sink.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The reading side in SQL that both databases understand; every value is a bound parameter. */
final class JdbcQueries implements DetectionQueries {
  private static final int TIMEOUT_SECONDS = 15;

  private final DataSource connections;
  private final SqlDialect dialect;

  JdbcQueries(DataSource connections, SqlDialect dialect) {
    this.connections = connections;
    this.dialect = dialect;
  }

  /** A condition that grows with its parameters. */
  private static final class Where {
    final StringBuilder sql = new StringBuilder(" WHERE ");
    final List<Object> values = new ArrayList<>();

    Where range(String column, long fromMicros, long toMicros) {
      sql.append(column).append(" >= ? AND ").append(column).append(" < ?");
      values.add(fromMicros);
      values.add(toMicros);
      return this;
    }

    Where equal(String column, @Nullable String value) {
      if (value != null) {
        sql.append(" AND ").append(column).append(" = ?");
        values.add(value);
      }
      return this;
    }

    void after(String columns, Object... key) {
      String places = "?, ".repeat(key.length - 1) + "?";
      sql.append(" AND (").append(columns).append(") > (").append(places).append(")");
      values.addAll(List.of(key));
    }
  }

  @Override
  public List<StoredAnswer> answers(AnswerQuery query) throws StoreException {
    try (Connection connection = connections.getConnection()) {
      Map<AnswerKey, List<Box>> boxes = new HashMap<>();
      List<StoredAnswer> page = page(connection, query, boxes);
      if (!page.isEmpty()) {
        readBoxes(connection, query.camera(), page, boxes);
      }
      List<StoredAnswer> answers = new ArrayList<>(page.size());
      for (StoredAnswer row : page) {
        answers.add(withBoxes(row, boxes));
      }
      return answers;
    } catch (SQLException e) {
      throw dialect.explain(e);
    }
  }

  private static List<StoredAnswer> page(
      Connection connection, AnswerQuery query, Map<AnswerKey, List<Box>> boxes)
      throws SQLException {
    Where where =
        new Where()
            .range("capture_micros", query.fromMicros(), query.toMicros())
            .equal("camera", query.camera());
    AnswerKey after = query.after();
    if (after != null) {
      where.after("capture_micros, camera", after.captureTimeMicros(), after.camera());
    }
    String sql =
        "SELECT camera, capture_micros, frame_number, width_px, height_px, outcome, model_name,"
            + " model_version, engine, queue_micros, decode_micros, batch_wait_micros,"
            + " infer_micros, postprocess_micros, error FROM detections"
            + where.sql
            + " ORDER BY capture_micros, camera LIMIT "
            + query.limit();
    List<StoredAnswer> page = new ArrayList<>();
    try (PreparedStatement select = prepare(connection, sql, where.values);
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        StoredAnswer row = answer(rows);
        page.add(row);
        boxes.put(key(row), new ArrayList<>());
      }
    }
    return page;
  }

  private static StoredAnswer answer(ResultSet row) throws SQLException {
    return new StoredAnswer(
        row.getString(1),
        row.getLong(2),
        row.getLong(3),
        row.getInt(4),
        row.getInt(5),
        row.getString(6),
        new Model(row.getString(7), row.getString(8)),
        row.getString(9),
        new Timings(
            row.getLong(10), row.getLong(11), row.getLong(12), row.getLong(13), row.getLong(14)),
        row.getString(15),
        List.of());
  }

  /** The boxes between the page's first and last capture time; those of other rows are left out. */
  private static void readBoxes(
      Connection connection,
      @Nullable String camera,
      List<StoredAnswer> page,
      Map<AnswerKey, List<Box>> boxes)
      throws SQLException {
    long first = page.get(0).captureTimeMicros();
    long last = page.get(page.size() - 1).captureTimeMicros();
    Where where = new Where().range("capture_micros", first, last + 1).equal("camera", camera);
    String sql =
        "SELECT camera, capture_micros, label, score, x1, y1, x2, y2 FROM objects"
            + where.sql
            + " ORDER BY capture_micros, camera, place";
    try (PreparedStatement select = prepare(connection, sql, where.values);
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        List<Box> own = boxes.get(new AnswerKey(rows.getLong(2), rows.getString(1)));
        if (own != null) {
          own.add(
              new Box(
                  rows.getString(3),
                  rows.getFloat(4),
                  rows.getFloat(5),
                  rows.getFloat(6),
                  rows.getFloat(7),
                  rows.getFloat(8)));
        }
      }
    }
  }

  private static StoredAnswer withBoxes(StoredAnswer row, Map<AnswerKey, List<Box>> boxes) {
    return new StoredAnswer(
        row.camera(),
        row.captureTimeMicros(),
        row.frameNumber(),
        row.widthPx(),
        row.heightPx(),
        row.outcome(),
        row.model(),
        row.engine(),
        row.timings(),
        row.error(),
        boxes.getOrDefault(key(row), List.of()));
  }

  private static AnswerKey key(StoredAnswer row) {
    return new AnswerKey(row.captureTimeMicros(), row.camera());
  }

  @Override
  public List<CountedWindow> windows(WindowQuery query) throws StoreException {
    Where where =
        new Where()
            .range("start_micros", query.fromMicros(), query.toMicros())
            .equal("camera", query.camera())
            .equal("label", query.label());
    WindowKey after = query.after();
    if (after != null) {
      where.after(
          "start_micros, camera, label", after.startMicros(), after.camera(), after.label());
    }
    String sql =
        "SELECT camera, label, start_micros, end_micros, frames, objects, max_in_frame FROM counts"
            + where.sql
            + " ORDER BY start_micros, camera, label LIMIT "
            + query.limit();
    List<CountedWindow> windows = new ArrayList<>();
    try (Connection connection = connections.getConnection();
        PreparedStatement select = prepare(connection, sql, where.values);
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        windows.add(
            new CountedWindow(
                rows.getString(1),
                rows.getString(2),
                rows.getLong(3),
                rows.getLong(4),
                rows.getLong(5),
                rows.getLong(6),
                rows.getInt(7)));
      }
      return windows;
    } catch (SQLException e) {
      throw dialect.explain(e);
    }
  }

  private static PreparedStatement prepare(Connection connection, String sql, List<Object> values)
      throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    statement.setQueryTimeout(TIMEOUT_SECONDS);
    for (int i = 0; i < values.size(); i++) {
      statement.setObject(i + 1, values.get(i));
    }
    return statement;
  }
}
