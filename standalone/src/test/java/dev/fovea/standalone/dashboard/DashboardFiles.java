package dev.fovea.standalone.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Serves the dashboard's files out of the class path, under the policy that the sink has, and an
 * empty history. The live API is the test's own.
 */
final class DashboardFiles implements AutoCloseable {

  private static final Map<String, String> TYPES =
      Map.of(
          "html",
          "text/html; charset=utf-8",
          "js",
          "text/javascript; charset=utf-8",
          "css",
          "text/css; charset=utf-8",
          "svg",
          "image/svg+xml");

  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private final String policy;

  private DashboardFiles(HttpServer server, String policy) {
    this.server = server;
    this.policy = policy;
  }

  static DashboardFiles serve() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    DashboardFiles files = new DashboardFiles(server, policy());
    server.createContext("/", files::answer);
    server.setExecutor(files.threads);
    server.start();
    return files;
  }

  /** Without a slash at its end. */
  String origin() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String asked = exchange.getRequestURI().getPath();
    String path = asked.equals("/") ? "/index.html" : asked;
    byte @Nullable [] body =
        path.equals("/api/counts") ? "{\"windows\":[],\"next\":null}".getBytes(UTF_8) : read(path);
    exchange
        .getResponseHeaders()
        .set(
            "Content-Type",
            TYPES.getOrDefault(path.substring(path.lastIndexOf('.') + 1), "application/json"));
    exchange.getResponseHeaders().set("Content-Security-Policy", policy);
    if (body == null) {
      exchange.sendResponseHeaders(404, -1);
    } else {
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
    exchange.close();
  }

  private static byte @Nullable [] read(String path) throws IOException {
    String resource =
        path.startsWith("/webjars/")
            ? "/META-INF/resources" + path
            : "/dev/fovea/sink/web/static" + path;
    try (InputStream in = DashboardFiles.class.getResourceAsStream(resource)) {
      return in == null ? null : in.readAllBytes();
    }
  }

  private static String policy() throws IOException {
    byte @Nullable [] index = read("/index.html");
    if (index == null) {
      throw new IllegalStateException("index.html is not on the class path");
    }
    Matcher map =
        Pattern.compile("<script type=\"importmap\">(.*?)</script>", Pattern.DOTALL)
            .matcher(new String(index, UTF_8));
    if (!map.find()) {
      throw new IllegalStateException("index.html has no import map");
    }
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(map.group(1).getBytes(UTF_8));
      return "default-src 'self'; object-src 'none'; base-uri 'none'; script-src 'self' 'sha256-"
          + Base64.getEncoder().encodeToString(hash)
          + "'";
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
