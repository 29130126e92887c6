package dev.fovea.standalone.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A file whose length nobody knows beforehand, as published weights are; more accidents are in
 * TensorRtLibrariesTest.
 */
class DownloadTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  @TempDir Path folder;

  private final List<String> asked = new ArrayList<>();
  private final Deque<Integer> breakOffs = new ArrayDeque<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private byte[] served = new byte[300_000];
  private HttpServer server;
  private int answer = 200;
  private boolean falls;
  private boolean tellsLength = true;

  @BeforeEach
  void serve() throws IOException {
    new Random(1).nextBytes(served);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void stop() {
    over.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    asked.add(String.valueOf(range));
    int from = range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=([0-9]+)-", "$1"));
    try (exchange) {
      if (answer != 200) {
        exchange.sendResponseHeaders(answer, -1);
        return;
      }
      if (from >= served.length) {
        exchange.getResponseHeaders().set("Content-Range", "bytes */" + served.length);
        exchange.sendResponseHeaders(416, -1);
        return;
      }
      byte[] rest = Arrays.copyOfRange(served, from, served.length);
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes %d-%d/%d".formatted(from, served.length - 1, served.length));
      exchange.sendResponseHeaders(from > 0 ? 206 : 200, tellsLength ? rest.length : 0);
      Integer sent = breakOffs.poll();
      exchange.getResponseBody().write(rest, 0, sent == null ? rest.length : sent);
      exchange.getResponseBody().flush();
      if (falls && sent != null) {
        over.await(1, TimeUnit.MINUTES);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/weights.pth");
  }

  private Path target() {
    return folder.resolve("weights.pth");
  }

  private void fetch(String sum, Duration silence) throws Exception {
    new Download(
            Duration.ofMillis(1),
            silence,
            "do this",
            (done, total) -> assertThat(done).isPositive())
        .fetch(new RemoteFile(uri(), OptionalLong.empty(), sum), target());
  }

  private String sum() throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(served));
  }

  @Test
  void theFirstDigitsOfASumAreHeldAgainstIt() throws Exception {
    fetch(sum().substring(0, 8), LONG);
    assertThat(target()).hasBinaryContent(served);
    assertThat(Download.part(target())).doesNotExist();

    String other = sum().startsWith("0") ? "1" : "0";
    assertThatThrownBy(() -> fetch(other + sum().substring(1, 8), LONG))
        .isInstanceOf(DownloadException.class)
        .hasMessageContaining("has the SHA-256 " + sum())
        .hasMessageEndingWith("it was deleted");
    assertThat(Download.part(target())).doesNotExist();
  }

  @Test
  void itGoesOnWhereItBrokeOff() throws Exception {
    breakOffs.addAll(List.of(100_000, 50_000));

    fetch(sum(), LONG);

    assertThat(target()).hasBinaryContent(served);
    assertThat(asked).hasSize(3).startsWith("null");
    assertThat(asked.get(1)).matches("bytes=[1-9][0-9]*-");
  }

  @Test
  void whatIsWholeIsNotFetchedAgain() throws Exception {
    Files.write(Download.part(target()), served);

    fetch(sum(), LONG);

    assertThat(target()).hasBinaryContent(served);
    assertThat(asked).containsExactly("bytes=300000-");
  }

  @Test
  void aFileThatBecameShorterIsFetchedFromItsStart() throws Exception {
    Files.write(Download.part(target()), Arrays.copyOf(served, 300_001));

    fetch(sum(), LONG);

    assertThat(target()).hasBinaryContent(served);
    assertThat(asked).containsExactly("bytes=300001-", "null");
  }

  @Test
  void aLengthThatNobodyTellsIsTheOneThatCame() throws Exception {
    tellsLength = false;

    fetch("", LONG);

    assertThat(target()).hasBinaryContent(served);
  }

  @Test
  @Timeout(30)
  void aServerThatFallsSilentIsLeft() throws Exception {
    falls = true;
    breakOffs.add(100_000);

    fetch(sum(), Duration.ofMillis(300));

    assertThat(target()).hasBinaryContent(served);
    assertThat(asked).hasSize(2);
  }

  @Test
  void whatIsNotThereAndWhoIsNotReachedIsSaidWithWhatToDo() throws Exception {
    answer = 404;
    assertThatThrownBy(() -> fetch("", LONG))
        .isInstanceOf(DownloadException.class)
        .hasMessage(uri() + ": the server answered 404; do this");
    assertThat(asked).hasSize(1);

    server.stop(0);
    assertThatThrownBy(() -> fetch("", LONG))
        .isInstanceOf(DownloadException.class)
        .hasMessageStartingWith(uri() + ": the server cannot be reached (")
        .hasMessageEndingWith("; do this");
  }
}
