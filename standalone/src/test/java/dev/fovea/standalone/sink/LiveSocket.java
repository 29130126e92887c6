package dev.fovea.standalone.sink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A browser's side of {@code /api/live}: keeps every picture, and the last message of each type.
 */
final class LiveSocket implements WebSocket.Listener {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<Long, Picture> pictures = new ConcurrentHashMap<>();
  private final Map<String, JsonNode> texts = new ConcurrentHashMap<>();
  private final StringBuilder text = new StringBuilder();
  private final ByteArrayOutputStream binary = new ByteArrayOutputStream();
  private @Nullable WebSocket socket;

  /** A binary message, taken apart. */
  static final class Picture {
    private final JsonNode header;
    private final byte[] jpeg;

    Picture(JsonNode header, byte[] jpeg) {
      this.header = header;
      this.jpeg = jpeg;
    }

    JsonNode header() {
      return header;
    }

    byte[] jpeg() {
      return jpeg;
    }
  }

  static LiveSocket open(int port) {
    LiveSocket listener = new LiveSocket();
    listener.socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .header("Origin", "http://127.0.0.1:" + port)
            .buildAsync(URI.create("ws://127.0.0.1:" + port + "/api/live"), listener)
            .join();
    return listener;
  }

  Optional<Picture> frame(long number) {
    return Optional.ofNullable(pictures.get(number));
  }

  Optional<JsonNode> text(String type) {
    return Optional.ofNullable(texts.get(type));
  }

  void send(String message) {
    if (socket != null) {
      socket.sendText(message, true).join();
    }
  }

  void close() {
    if (socket != null) {
      socket.abort();
    }
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
    text.append(part);
    if (last) {
      try {
        JsonNode message = JSON.readTree(text.toString());
        texts.put(message.path("type").asText(), message);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      text.setLength(0);
    }
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer part, boolean last) {
    byte[] bytes = new byte[part.remaining()];
    part.get(bytes);
    binary.writeBytes(bytes);
    if (last) {
      takeApart(ByteBuffer.wrap(binary.toByteArray()));
      binary.reset();
    }
    from.request(1);
    return null;
  }

  private void takeApart(ByteBuffer message) {
    byte[] header = new byte[message.getInt()];
    message.get(header);
    byte[] jpeg = new byte[message.remaining()];
    message.get(jpeg);
    try {
      JsonNode read = JSON.readTree(header);
      pictures.put(read.path("frameNumber").asLong(), new Picture(read, jpeg));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
