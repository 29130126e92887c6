package dev.fovea.standalone.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.WebSocketRoute;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/**
 * The live API as a test wants it: says what it is told to, and keeps what the page says. Used on
 * the page's thread, like all of Playwright.
 */
final class ScriptedServer {

  static final int WIDTH_PX = 640;
  static final int HEIGHT_PX = 360;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<JsonNode> heard = new ArrayList<>();
  private Consumer<ScriptedServer> greeting = server -> {};
  private @Nullable WebSocketRoute socket;
  private boolean refusing;
  private long frameNumber;

  /** A box in pixels of the frame. */
  record Box(String label, double score, int x1, int y1, int x2, int y2) {}

  static ScriptedServer of(Page page) {
    ScriptedServer server = new ScriptedServer();
    page.routeWebSocket(url -> url.endsWith("/api/live"), server::connected);
    return server;
  }

  /** What to say to each page that connects. */
  ScriptedServer greet(Consumer<ScriptedServer> newGreeting) {
    greeting = newGreeting;
    return this;
  }

  private void connected(WebSocketRoute route) {
    if (refusing) {
      route.close();
      return;
    }
    socket = route;
    route.onMessage(
        frame -> {
          JsonNode message = parse(frame.text());
          if (message.path("type").asText().equals("ping")) {
            ObjectNode pong =
                JSON.createObjectNode().put("type", "pong").put("serverTimeMicros", now());
            pong.set("t", message.get("t"));
            route.send(pong.toString());
          } else {
            heard.add(message);
          }
        });
    greeting.accept(this);
  }

  /** The page's messages other than pings. */
  List<JsonNode> heard() {
    return List.copyOf(heard);
  }

  void drop() {
    refusing = true;
    socket().close();
  }

  void acceptAgain() {
    refusing = false;
  }

  static long now() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  /** A camera as the server describes it: LIVE, with a balanced ledger. */
  static ObjectNode camera(String id) {
    ObjectNode camera = JSON.createObjectNode();
    camera
        .put("id", id)
        .put("state", "LIVE")
        .putNull("cause")
        .put("sinceMicros", now() - 60_000_000L)
        .putNull("retryAtMicros")
        .put("attempt", 0);
    camera
        .put("lastCaptureTimeMicros", now())
        .put("source", "rtsp://192.0.2.10/" + id)
        .put("widthPx", WIDTH_PX)
        .put("heightPx", HEIGHT_PX);
    camera.put("framesPerSecond", 10.0);
    ObjectNode ledger = camera.putObject("ledger");
    ledger
        .put("decoded", 3_000)
        .put("sampledOut", 1_990)
        .put("published", 1_000)
        .put("detected", 900)
        .put("unchanged", 95)
        .put("stale", 2);
    ledger
        .put("undecodable", 1)
        .put("inFlight", 2)
        .put("unaccounted", 0)
        .put("state", "balanced")
        .putObject("dropped")
        .put("backpressure", 10);
    return camera;
  }

  void cameras(ObjectNode... cameras) {
    ObjectNode message = stamped("cameras");
    ArrayNode list = message.putArray("cameras");
    for (ObjectNode camera : cameras) {
      list.add(camera);
    }
    socket().send(message.toString());
  }

  void summary() {
    ObjectNode message =
        stamped("summary").put("framesPerSecond", 31.4).put("boxesPerSecond", 118.0);
    message.putObject("captureToPush").put("p50Ms", 100).put("p99Ms", 300);
    message.putObject("lag").put("frames", 14).put("seconds", 0.4).put("workers", 6);
    message
        .putObject("model")
        .put("name", "street-synthetic")
        .put("version", "14")
        .put("engine", "onnxruntime:cpu")
        .put("sinceMicros", now());
    message.putObject("ledger").put("state", "balanced").put("inFlight", 14).put("unaccounted", 0);
    socket().send(message.toString());
  }

  void counts(String camera, String label, long startMicros, long frames, long objects) {
    ObjectNode message = JSON.createObjectNode().put("type", "counts");
    ObjectNode window = message.putArray("windows").addObject();
    window
        .put("camera", camera)
        .put("label", label)
        .put("startMicros", startMicros)
        .put("endMicros", startMicros + 10_000_000L);
    window.put("frames", frames).put("objects", objects).put("maxInFrame", objects);
    socket().send(message.toString());
  }

  /**
   * A frame of grey road with a white block under each box, taken so long ago.
   *
   * @return its number
   */
  long frame(String camera, String outcome, long ageMicros, Box... boxes) {
    return frame(camera, outcome, ageMicros, picture(boxes), boxes);
  }

  long frame(String camera, String outcome, long ageMicros, byte[] jpeg, Box... boxes) {
    ObjectNode header =
        stamped("frame")
            .put("camera", camera)
            .put("captureTimeMicros", now() - ageMicros)
            .put("frameNumber", ++frameNumber);
    header
        .put("widthPx", WIDTH_PX)
        .put("heightPx", HEIGHT_PX)
        .put("outcome", outcome)
        .put("model", "street-synthetic 14");
    ArrayNode list = header.putArray("boxes");
    for (Box box : boxes) {
      list.addObject()
          .put("label", box.label())
          .put("score", box.score())
          .put("x1", box.x1())
          .put("y1", box.y1())
          .put("x2", box.x2())
          .put("y2", box.y2());
    }
    byte[] head = header.toString().getBytes(UTF_8);
    socket()
        .send(
            ByteBuffer.allocate(4 + head.length + jpeg.length)
                .putInt(head.length)
                .put(head)
                .put(jpeg)
                .array());
    return frameNumber;
  }

  private static byte[] picture(Box... boxes) {
    BufferedImage image = new BufferedImage(WIDTH_PX, HEIGHT_PX, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = image.createGraphics();
    pen.setColor(new Color(60, 60, 60));
    pen.fillRect(0, 0, WIDTH_PX, HEIGHT_PX);
    pen.setColor(Color.WHITE);
    for (Box box : boxes) {
      pen.fillRect(box.x1(), box.y1(), box.x2() - box.x1(), box.y2() - box.y1());
    }
    pen.dispose();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "jpg", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static ObjectNode stamped(String type) {
    return JSON.createObjectNode().put("type", type).put("serverTimeMicros", now());
  }

  private WebSocketRoute socket() {
    if (socket == null) {
      throw new IllegalStateException("No page has connected");
    }
    return socket;
  }

  private static JsonNode parse(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
