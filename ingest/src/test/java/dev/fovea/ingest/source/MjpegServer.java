package dev.fovea.ingest.source;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;

/** An MJPEG camera on the loopback interface that does what a test wants it to, byte by byte. */
final class MjpegServer implements AutoCloseable {
  /** What it does with one connection, given its number from 1. */
  interface Behaviour {
    void serve(OutputStream out, int connection) throws IOException, InterruptedException;
  }

  private final ServerSocket socket = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
  private final AtomicInteger connections = new AtomicInteger();
  private final CountDownLatch closing = new CountDownLatch(1);

  MjpegServer(Behaviour behaviour) throws IOException {
    Thread acceptor =
        new Thread(
            () -> {
              while (!socket.isClosed()) {
                try {
                  Socket client = socket.accept();
                  start(behaviour, client);
                } catch (IOException e) {
                  return; // Closed.
                }
              }
            },
            "mjpeg-server");
    acceptor.setDaemon(true);
    acceptor.start();
  }

  private void start(Behaviour behaviour, Socket client) {
    Thread thread =
        new Thread(
            () -> {
              try (client;
                  OutputStream out = client.getOutputStream()) {
                behaviour.serve(out, connections.incrementAndGet());
              } catch (IOException | InterruptedException e) {
                // The client has gone, or the test is over.
              }
            },
            "mjpeg-connection");
    thread.setDaemon(true);
    thread.start();
  }

  String url() {
    return "http://127.0.0.1:" + socket.getLocalPort() + "/video.mjpg?token=secret";
  }

  /** Keeps the connection open and says nothing until the test is over. */
  void silence() throws InterruptedException {
    closing.await();
  }

  static void header(OutputStream out) throws IOException {
    text(out, "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=frame\r\n\r\n");
  }

  static void frame(OutputStream out, String boundary, int number) throws IOException {
    byte[] jpeg = jpeg(number);
    text(
        out,
        "--"
            + boundary
            + "\r\nContent-Type: image/jpeg\r\nContent-Length: "
            + jpeg.length
            + "\r\n\r\n");
    out.write(jpeg);
    text(out, "\r\n");
    out.flush();
  }

  static byte[] jpeg(int number) throws IOException {
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    ImageIO.write(TestVideo.of("mjpeg").picture(number), "jpg", jpeg);
    return jpeg.toByteArray();
  }

  static void text(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public void close() throws IOException {
    closing.countDown();
    socket.close();
  }
}
