package dev.fovea.sink.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.fovea.schema.avro.Count;
import dev.fovea.sink.live.CameraBoard;
import dev.fovea.sink.live.CameraView;
import dev.fovea.sink.live.LiveListener;
import dev.fovea.sink.live.PairedFrame;
import dev.fovea.sink.store.DetectionQueries.CountedWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All browsers that watch. Pictures go out on the live feed's thread the moment they are paired; a
 * ticker sends the cameras' states when they change (at most twice a second), and the summary and
 * pings.
 */
public final class LiveHub implements LiveListener, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LiveHub.class);
  private static final Duration TICK = Duration.ofMillis(100);
  private static final long CAMERAS_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long SUMMARY_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long PING_EVERY_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final int GOING_AWAY = 1001; // RFC 6455, 7.4.1
  private static final Duration STUCK = Duration.ofSeconds(30);

  private final Overview overview;
  private final CameraBoard board;
  private final Map<Session, LiveClient> clients = new ConcurrentHashMap<>();
  private final ScheduledExecutorService ticker =
      Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "sink-live-ticker"));
  private final AtomicLong pushed = new AtomicLong();
  private volatile boolean cameraChanged;

  /** Owned by the ticker. */
  private List<CameraView> lastCameras = List.of();

  private long camerasAt = System.nanoTime();
  private long summaryAt = System.nanoTime();
  private long pingAt = System.nanoTime();

  public LiveHub(Overview overview, CameraBoard board) {
    this.overview = overview;
    this.board = board;
  }

  public void start() {
    var unused =
        ticker.scheduleWithFixedDelay(
            this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** A browser has connected: it gets the whole state at once, and then what changes. */
  void connected(Session session) {
    session.setIdleTimeout(Duration.ofSeconds(60));
    LiveClient client = new LiveClient(LiveClient.channelOf(session));
    clients.put(session, client);
    long now = nowMicros();
    client.offerCameras(cameras(overview.cameras(now), now));
    client.offerSummary(Json.text(overview.summary(now)));
    for (PairedFrame pair : board.lastPictures()) {
      client.offerPicture(pair.cameraId(), Messages.frame(pair, now));
    }
  }

  void disconnected(Session session) {
    LiveClient gone = clients.remove(session);
    if (gone != null) {
      gone.close();
    }
  }

  /** A message from a browser; what is not understood is ignored. */
  void received(Session session, String text) {
    LiveClient client = clients.get(session);
    if (client == null) {
      return;
    }
    try {
      JsonNode message = Json.parse(text);
      String camera = message.path("camera").asText();
      switch (message.path("type").asText()) {
        case "ping" ->
            client.offerPong(Json.text(new Messages.Pong("pong", message.path("t"), nowMicros())));
        case "pause" -> pause(client, camera);
        case "resume" -> client.resume(camera);
        default -> log.debug("live: message of unknown type from {}", session);
      }
    } catch (JsonProcessingException e) {
      log.debug("live: message that is no JSON from {}", session);
    }
  }

  private void pause(LiveClient client, String camera) {
    if (board.knows(camera)) { // else a client could fill our memory with names
      client.pause(camera);
    }
  }

  int clients() {
    return clients.size();
  }

  /** Pictures handed to browsers, all together. */
  long pushedPictures() {
    return pushed.get();
  }

  /** Pictures replaced by newer ones because a browser was slow; of the browsers there now. */
  long replacedPictures() {
    return clients.values().stream().mapToLong(LiveClient::replacedPictures).sum();
  }

  @Override
  public void paired(PairedFrame pair) {
    if (clients.isEmpty()) {
      return;
    }
    byte[] message = Messages.frame(pair, nowMicros());
    for (LiveClient client : clients.values()) {
      client.offerPicture(pair.cameraId(), message);
      pushed.incrementAndGet();
    }
  }

  @Override
  public void counted(List<Count> counts) {
    if (clients.isEmpty()) {
      return;
    }
    List<CountedWindow> windows = counts.stream().map(Messages::window).toList();
    clients.values().forEach(client -> client.offerWindows(windows));
  }

  @Override
  public void cameraChanged(String cameraId) {
    cameraChanged = true;
  }

  @Override
  public void close() {
    ticker.shutdownNow();
    clients
        .keySet()
        .forEach(session -> session.close(GOING_AWAY, "the server stops", Callback.NOOP));
  }

  private void tick() {
    try {
      long nanos = System.nanoTime();
      if (cameraChanged || nanos - camerasAt >= 0) {
        cameraChanged = false;
        camerasAt = nanos + CAMERAS_EVERY_NANOS;
        sendCameras();
      }
      if (nanos - summaryAt >= 0) {
        summaryAt = nanos + SUMMARY_EVERY_NANOS;
        String summary = Json.text(overview.summary(nowMicros()));
        clients.values().forEach(client -> client.offerSummary(summary));
      }
      if (nanos - pingAt >= 0) {
        pingAt = nanos + PING_EVERY_NANOS;
        clients.values().forEach(LiveClient::ping);
      }
      clients.values().forEach(client -> client.disconnectIfStuck(nanos, STUCK));
    } catch (RuntimeException e) {
      log.error("live: a tick failed", e); // the next one may not
    }
  }

  private void sendCameras() {
    long now = nowMicros();
    List<CameraView> cameras = overview.cameras(now);
    if (!cameras.equals(lastCameras)) {
      lastCameras = cameras;
      String message = cameras(cameras, now);
      clients.values().forEach(client -> client.offerCameras(message));
    }
  }

  private static String cameras(List<CameraView> cameras, long now) {
    return Json.text(new Messages.Cameras("cameras", now, cameras));
  }

  static long nowMicros() {
    Instant now = Instant.now();
    return TimeUnit.SECONDS.toMicros(now.getEpochSecond()) + now.getNano() / 1_000;
  }
}
