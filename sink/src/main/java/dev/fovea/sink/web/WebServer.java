package dev.fovea.sink.web;

import dev.fovea.schema.Metrics;
import dev.fovea.sink.live.CameraBoard;
import dev.fovea.sink.store.DetectionQueries;
import dev.fovea.sink.store.StoreException;
import dev.fovea.sink.web.Parameters.BadParameter;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import io.javalin.util.JavalinBindException;
import io.javalin.websocket.WsConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP server: who is asked for what. */
public final class WebServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WebServer.class);
  static final String LIVE = "/api/live";
  private static final int MAX_THREADS = 40;
  private static final int MAX_CLIENT_MESSAGE = 4_096;

  private final String host;

  private final int port;
  private final LiveHub hub;
  private final Guards guards;
  private final StaticFiles files = new StaticFiles();
  private final Map<String, Handler> routes;
  private final Javalin server;

  /**
   * @param host address to listen on
   * @param port TCP port; 0 = any free one
   * @param allowedHosts host names under which it may be reached; empty = by {@code host}
   */
  public WebServer(
      String host,
      int port,
      Set<String> allowedHosts,
      Overview overview,
      CameraBoard board,
      DetectionQueries queries,
      LiveHub hub,
      Health health,
      Metrics metrics) {
    this.host = host;
    this.port = port;
    this.hub = hub;
    this.guards = new Guards(host, allowedHosts, files.importMapHash());
    this.routes = routes(new RestApi(overview, board, queries), health, metrics);
    this.server = Javalin.create(this::configure);
  }

  /**
   * Starts to listen.
   *
   * @throws IllegalStateException if the port is taken, naming the option that changes it
   */
  public void start() {
    try {
      server.start(host, port);
    } catch (JavalinBindException e) {
      throw new IllegalStateException(
          "port "
              + port
              + " on "
              + host
              + " is taken or may not be used; choose another with"
              + " http.port",
          e);
    }
  }

  /** The port it listens on. */
  public int port() {
    return server.port();
  }

  @Override
  public void close() {
    server.stop();
  }

  /** What can be asked with GET, by path; described one by one in {@code openapi.json}. */
  private static Map<String, Handler> routes(RestApi api, Health health, Metrics metrics) {
    Map<String, Handler> routes = new LinkedHashMap<>();
    routes.put("/api/cameras", api::cameras);
    routes.put("/api/cameras/{id}", api::camera);
    routes.put("/api/cameras/{id}/picture.jpg", api::picture);
    routes.put("/api/detections", api::detections);
    routes.put("/api/counts", api::counts);
    routes.put("/api/summary", api::summary);
    routes.put("/openapi.json", WebServer::openApi);
    routes.put("/healthz", context -> health(context, health));
    routes.put("/metrics", context -> metrics(context, metrics));
    return routes;
  }

  /** The routes' paths, for the test that holds them against {@code openapi.json}. */
  Set<String> paths() {
    return routes.keySet();
  }

  private void configure(JavalinConfig config) {
    config.startup.showJavalinBanner = false;
    config.startup.startupWatcherEnabled = false;
    config.http.defaultContentType = "text/plain; charset=utf-8";
    config.http.maxRequestSize = 4_096;
    config.jetty.threadPool = new QueuedThreadPool(MAX_THREADS, 4);
    config.jetty.modifyHttpConfiguration(http -> http.setSendServerVersion(false));
    config.jetty.modifyWebSocketServletFactory(
        factory -> factory.setMaxTextMessageSize(MAX_CLIENT_MESSAGE));
    config.routes.before(this::guard);
    routes.forEach((path, handler) -> config.routes.addHttpHandler(HandlerType.GET, path, handler));
    config.routes.get("/webjars/<path>", files::webjar);
    config.routes.get("/", files::dashboard);
    config.routes.get("/<path>", files::dashboard);
    config.routes.wsBeforeUpgrade(LIVE, this::guardUpgrade);
    config.routes.ws(LIVE, this::live);
    config.routes.exception(BadParameter.class, (e, c) -> RestApi.error(c, 400, text(e)));
    config.routes.exception(StoreException.class, WebServer::storeFailed);
    config.routes.exception(Exception.class, WebServer::failed);
  }

  private void live(WsConfig live) {
    live.onConnect(context -> hub.connected(context.session));
    live.onMessage(context -> hub.received(context.session, context.message()));
    live.onClose(context -> hub.disconnected(context.session));
    live.onError(context -> hub.disconnected(context.session));
  }

  private void guard(Context context) {
    guards.addHeaders(context);
    if (!guards.isOurHost(context)) {
      context.skipRemainingHandlers();
      RestApi.error(
          context,
          421,
          "this host name is not served here; http.allowed-hosts names those that are");
    }
  }

  private void guardUpgrade(Context context) {
    if (!guards.isOurHost(context) || !guards.isOurPage(context)) {
      context.skipRemainingHandlers();
      RestApi.error(context, 403, "a page of another site may not open " + LIVE);
    }
  }

  private static void health(Context context, Health health) {
    Health.Report report = health.report();
    context.status(report.isOk() ? 200 : 503);
    RestApi.json(context, report);
  }

  private static void metrics(Context context, Metrics metrics) {
    context
        .contentType(Metrics.CONTENT_TYPE)
        .header("Cache-Control", "no-store")
        .result(metrics.text());
  }

  private static void openApi(Context context) {
    context.contentType("application/json").result(openApiDocument());
  }

  static String openApiDocument() {
    try (InputStream in = WebServer.class.getResourceAsStream("openapi.json")) {
      if (in == null) {
        throw new IllegalStateException("openapi.json is not on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void storeFailed(StoreException e, Context context) {
    log.warn("{}: {}", context.path(), e.getMessage());
    RestApi.error(context, 503, "the store cannot be read just now");
  }

  private static void failed(Exception e, Context context) {
    log.error("{} failed", context.path(), e);
    RestApi.error(context, 500, "something went wrong; the server's log says what");
  }

  private static String text(Exception e) {
    return String.valueOf(e.getMessage());
  }
}
