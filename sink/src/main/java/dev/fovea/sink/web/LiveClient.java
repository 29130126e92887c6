package dev.fovea.sink.web;

import dev.fovea.sink.store.DetectionQueries.CountedWindow;
import dev.fovea.sink.store.DetectionQueries.WindowKey;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.jspecify.annotations.Nullable;

/**
 * One browser. Of each kind of message only the newest waits (pictures by camera, counts by
 * window), and one send is under way at a time: a slow browser sees fewer pictures, holds a bounded
 * amount of memory, and delays nobody, since offering never waits.
 *
 * <p>Thread-safe: pictures are offered by the live feed, the rest by the hub's ticker, and sends
 * end on threads of the web server.
 */
final class LiveClient {
  private static final int MAX_PONGS = 8;
  private static final int MAX_WINDOWS = 2_000;

  /** How it looks to the session; a test puts its own here. */
  interface Channel {
    void text(String message, Callback done);

    void binary(ByteBuffer message, Callback done);

    void ping(Callback done);

    /** Ends the connection without waiting for the peer. */
    void disconnect();
  }

  /** What waits and has no content. */
  private enum Control {
    PING
  }

  private final Channel channel;

  /** Guards all below. */
  private final Object lock = new Object();

  private final Deque<String> pongs = new ArrayDeque<>();
  private final Map<WindowKey, CountedWindow> windows = new LinkedHashMap<>();
  // A newer picture takes the place of the older one in the queue, so that no camera starves.
  private final Map<String, byte[]> pictures = new LinkedHashMap<>();
  private final Set<String> paused = new HashSet<>();
  private @Nullable String cameras;
  private @Nullable String summary;
  private boolean pingDue;
  private boolean sending;
  private boolean pumping;
  private boolean closed;
  private long sendingSinceNanos;
  private long replaced;

  LiveClient(Channel channel) {
    this.channel = channel;
  }

  static Channel channelOf(Session session) {
    return new Channel() {
      @Override
      public void text(String message, Callback done) {
        session.sendText(message, done);
      }

      @Override
      public void binary(ByteBuffer message, Callback done) {
        session.sendBinary(message, done);
      }

      @Override
      public void ping(Callback done) {
        session.sendPing(ByteBuffer.allocate(0), done);
      }

      @Override
      public void disconnect() {
        session.disconnect();
      }
    };
  }

  /**
   * @param message a binary message of {@link Messages#frame}, shared between clients
   */
  void offerPicture(String camera, byte[] message) {
    synchronized (lock) {
      if (paused.contains(camera)) {
        return;
      }
      if (pictures.put(camera, message) != null) {
        replaced++;
      }
    }
    pump();
  }

  void offerCameras(String message) {
    synchronized (lock) {
      cameras = message;
    }
    pump();
  }

  void offerSummary(String message) {
    synchronized (lock) {
      summary = message;
    }
    pump();
  }

  void offerWindows(Collection<CountedWindow> counted) {
    synchronized (lock) {
      for (CountedWindow window : counted) {
        windows.put(new WindowKey(window.startMicros(), window.camera(), window.label()), window);
      }
      Iterator<WindowKey> oldest = windows.keySet().iterator();
      while (windows.size() > MAX_WINDOWS) {
        oldest.next();
        oldest.remove();
      }
    }
    pump();
  }

  /** Answers a client's ping; a client that sends them faster than it reads loses the oldest. */
  void offerPong(String message) {
    synchronized (lock) {
      pongs.addLast(message);
      if (pongs.size() > MAX_PONGS) {
        pongs.removeFirst();
      }
    }
    pump();
  }

  void ping() {
    synchronized (lock) {
      pingDue = true;
    }
    pump();
  }

  void pause(String camera) {
    synchronized (lock) {
      paused.add(camera);
      pictures.remove(camera);
    }
  }

  void resume(String camera) {
    synchronized (lock) {
      paused.remove(camera);
    }
  }

  /** Pictures that were replaced by newer ones before they could be sent. */
  long replacedPictures() {
    synchronized (lock) {
      return replaced;
    }
  }

  /** Ends the connection if its current send has been under way for longer than {@code limit}. */
  void disconnectIfStuck(long nowNanos, Duration limit) {
    boolean stuck;
    synchronized (lock) {
      stuck = sending && nowNanos - sendingSinceNanos > limit.toNanos();
    }
    if (stuck) {
      close();
      channel.disconnect();
    }
  }

  /** The connection is gone: nothing more is sent or kept. */
  void close() {
    synchronized (lock) {
      closed = true;
      pongs.clear();
      windows.clear();
      pictures.clear();
      cameras = null;
      summary = null;
    }
  }

  /** Sends what waits, one after the other. A send that ends at once does not nest the next. */
  private void pump() {
    synchronized (lock) {
      if (pumping) {
        return;
      }
      pumping = true;
    }
    while (true) {
      Object next;
      synchronized (lock) {
        next = sending || closed ? null : takeNext();
        if (next == null) {
          pumping = false;
          return;
        }
        sending = true;
        sendingSinceNanos = System.nanoTime();
      }
      send(next);
    }
  }

  private void send(Object message) {
    Callback done = Callback.from(this::sent, failure -> failed());
    try {
      if (message instanceof String text) {
        channel.text(text, done);
      } else if (message instanceof byte[] bytes) {
        channel.binary(ByteBuffer.wrap(bytes).asReadOnlyBuffer(), done);
      } else {
        channel.ping(done);
      }
    } catch (RuntimeException e) {
      failed(); // the session was closed meanwhile
    }
  }

  private void sent() {
    synchronized (lock) {
      sending = false;
    }
    pump();
  }

  private void failed() {
    close();
    channel.disconnect();
  }

  private @Nullable Object takeNext() {
    if (pingDue) {
      pingDue = false;
      return Control.PING;
    }
    if (!pongs.isEmpty()) {
      return pongs.removeFirst();
    }
    if (cameras != null) {
      String message = cameras;
      cameras = null;
      return message;
    }
    if (summary != null) {
      String message = summary;
      summary = null;
      return message;
    }
    if (!windows.isEmpty()) {
      String message = Json.text(new Messages.Counts("counts", List.copyOf(windows.values())));
      windows.clear();
      return message;
    }
    Iterator<byte[]> oldest = pictures.values().iterator();
    if (oldest.hasNext()) {
      byte[] message = oldest.next();
      oldest.remove();
      return message;
    }
    return null;
  }
}
