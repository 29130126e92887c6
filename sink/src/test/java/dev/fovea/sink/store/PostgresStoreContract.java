package dev.fovea.sink.store;

import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;

/** The contract on a PostgreSQL server, a database of its own a test. */
abstract class PostgresStoreContract extends DetectionStoreContract {
  static final String USER = "fovea";

  private String database = "";

  /** Where the server is, as {@code host:port}. */
  abstract String server();

  /** The user's; empty where the server asks for none. */
  abstract String password();

  @Override
  SqlDatabase open() throws StoreException {
    if (database.isEmpty()) {
      database = "t" + System.nanoTime();
      try (Connection connection = connect(server(), password());
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE DATABASE " + database);
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }
    return SqlDatabase.postgres(url(server(), database), USER, password());
  }

  /** Waits for a server that starts. */
  static void awaitServer(String server, String password) {
    await()
        .atMost(60, TimeUnit.SECONDS)
        .ignoreExceptions()
        .until(
            () -> {
              connect(server, password).close();
              return true;
            });
  }

  private static Connection connect(String server, String password) throws SQLException {
    return DriverManager.getConnection(url(server, "postgres"), USER, password);
  }

  private static String url(String server, String database) {
    return "jdbc:postgresql://" + server + "/" + database;
  }
}
