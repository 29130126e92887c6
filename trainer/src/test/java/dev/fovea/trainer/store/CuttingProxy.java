package dev.fovea.trainer.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** Passes connections on to a server, and cuts all of them off after so many bytes one way. */
final class CuttingProxy implements AutoCloseable {
  /** Which bytes are counted. */
  enum Way {
    TO_SERVER,
    TO_CLIENT
  }

  /** What happens before the cut. */
  interface Deed {
    void run() throws Exception;
  }

  private final ServerSocket listener;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final int serverPort;
  private final Way way;
  private final AtomicLong left;
  private final Deed beforeCut;

  CuttingProxy(int serverPort, Way way, long bytes, Deed beforeCut) throws IOException {
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.serverPort = serverPort;
    this.way = way;
    this.left = new AtomicLong(bytes);
    this.beforeCut = beforeCut;
    threads.execute(this::accept);
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  boolean hasCut() {
    return left.get() <= 0;
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        threads.execute(() -> connect(client));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void connect(Socket client) {
    try (client;
        Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort)) {
      var back = threads.submit(() -> pass(server, client, Way.TO_CLIENT));
      pass(client, server, Way.TO_SERVER);
      back.get();
    } catch (Exception e) {
      // A cut, or the server is gone: both connections are closed, which is what is wanted.
    }
  }

  private Void pass(Socket from, Socket to, Way direction) throws Exception {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[4_096];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        if (direction == way && left.getAndAdd(-n) > 0 && left.get() <= 0) {
          beforeCut.run();
          return null;
        }
        if (hasCut()) {
          return null;
        }
        out.write(buffer, 0, n);
        out.flush();
      }
    }
    return null;
  }

  @Override
  public void close() throws IOException {
    listener.close();
    threads.shutdownNow();
  }
}
