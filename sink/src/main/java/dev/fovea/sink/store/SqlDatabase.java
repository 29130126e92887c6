package dev.fovea.sink.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.Properties;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * An open database with its writing and its reading side. Close it to release the file or the
 * connections.
 */
public final class SqlDatabase implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /** One for the writer, the rest for readers. */
  private static final int POOL_SIZE = 5;

  private final DetectionStore store;
  private final DetectionQueries queries;

  private SqlDatabase(DetectionStore store, DetectionQueries queries) {
    this.store = store;
    this.queries = queries;
  }

  /**
   * Opens or makes a DuckDB file.
   *
   * @param memoryLimit DuckDB's bound on its own memory, such as {@code 512MB}
   * @throws StoreException if another process has it open, or it is damaged
   */
  public static SqlDatabase duckDb(Path file, String memoryLimit) throws StoreException {
    SqlDialect dialect = new DuckDbDialect(file.toString());
    DuckDBConnection root;
    try {
      Path folder = file.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      Properties options = new Properties();
      options.setProperty("memory_limit", memoryLimit);
      options.setProperty("threads", "2");
      root = (DuckDBConnection) DriverManager.getConnection("jdbc:duckdb:" + file, options);
    } catch (SQLException e) {
      throw dialect.explain(e);
    } catch (IOException e) {
      throw StoreException.lasting("the database folder of " + file + ": " + e.getMessage(), e);
    }
    HikariConfig pool = pool("sink-duckdb");
    // The driver allows one thread a connection; the pool sees to it that a duplicate of the
    // root is never used by two at a time. The root itself only keeps the file open.
    pool.setDataSource(new Duplicates(root));
    return open(new HikariDataSource(pool), dialect, root);
  }

  /**
   * Connects to PostgreSQL; it need not be there yet.
   *
   * @param url a JDBC url, {@code jdbc:postgresql://host:port/database}
   */
  public static SqlDatabase postgres(String url, String user, String password) {
    HikariConfig pool = pool("sink-postgresql");
    pool.setJdbcUrl(url);
    if (!user.isEmpty()) {
      pool.setUsername(user);
      pool.setPassword(password);
    }
    pool.addDataSourceProperty("reWriteBatchedInserts", "true");
    pool.addDataSourceProperty("connectTimeout", CONNECT_TIMEOUT.toSeconds());
    pool.addDataSourceProperty("socketTimeout", "30");
    pool.addDataSourceProperty("ApplicationName", "fovea-sink");
    pool.setInitializationFailTimeout(-1);
    return open(new HikariDataSource(pool), new PostgresDialect(), null);
  }

  private static SqlDatabase open(
      HikariDataSource pool, SqlDialect dialect, @Nullable Connection root) {
    AutoCloseable owned =
        () -> {
          pool.close();
          if (root != null) {
            root.close();
          }
        };
    return new SqlDatabase(
        new JdbcDetectionStore(pool, dialect, owned), new JdbcQueries(pool, dialect));
  }

  private static HikariConfig pool(String name) {
    HikariConfig pool = new HikariConfig();
    pool.setPoolName(name);
    pool.setMaximumPoolSize(POOL_SIZE);
    pool.setMinimumIdle(1);
    pool.setConnectionTimeout(CONNECT_TIMEOUT.toMillis());
    return pool;
  }

  public DetectionStore store() {
    return store;
  }

  public DetectionQueries queries() {
    return queries;
  }

  @Override
  public void close() {
    store.close();
  }

  /** New connections to an open DuckDB instance. */
  private record Duplicates(DuckDBConnection root) implements DataSource {
    @Override
    public Connection getConnection() throws SQLException {
      return root.duplicate();
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
      return root.duplicate();
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
      return null;
    }

    @Override
    public void setLogWriter(PrintWriter out) {}

    @Override
    public void setLoginTimeout(int seconds) {}

    @Override
    public int getLoginTimeout() {
      return 0;
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
      throw new SQLFeatureNotSupportedException("java.util.logging is not used");
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
      throw new SQLException("not a wrapper of " + type.getName());
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
      return false;
    }
  }
}
