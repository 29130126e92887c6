package dev.fovea.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** HTTP MJPEG cameras, well-behaved and not. */
@Timeout(30)
class HttpMjpegTest {
  private static final Duration DEADLINE = Duration.ofMillis(1_500);

  @Test
  void picturesPassThroughUntouchedUntilTheCameraHangsUp() throws Exception {
    try (MjpegServer server =
        new MjpegServer(
            (out, connection) -> {
              MjpegServer.header(out);
              for (int i = 0; i < 20; i++) {
                MjpegServer.frame(out, "frame", i);
              }
            })) {
      Drain drain = read(server);
      // The last may be cut by the closing connection.
      assertThat(drain.frames()).hasSizeBetween(19, 20);
      for (int i = 0; i < 19; i++) {
        assertThat(((Picture.Jpeg) drain.frames().get(i).picture()).bytes())
            .isEqualTo(MjpegServer.jpeg(i));
      }
      assertThat(drain.failure()).isNotNull();
      assertThat(drain.broken().kind()).isEqualTo(SourceFailedException.Kind.BROKE_OFF);
      assertThat(drain.failure())
          .hasMessageContaining("/video.mjpg: HTTP connection was closed by the camera")
          .hasMessageNotContaining("secret");
    }
  }

  @Test
  void silenceAfterThreeFramesIsNoticedWithinTheDeadline() throws Exception {
    MjpegServer[] self = new MjpegServer[1];
    try (MjpegServer server =
        new MjpegServer(
            (out, connection) -> {
              MjpegServer.header(out);
              for (int i = 0; i < 4; i++) {
                MjpegServer.frame(out, "frame", i);
              }
              self[0].silence();
            })) {
      self[0] = server;
      try (FrameSource source = FrameSources.open(server.url(), options())) {
        for (int i = 0; i < 3; i++) {
          assertThat(source.next()).isNotNull();
        }
        long before = System.nanoTime();
        Drain drain = Drain.of(source);
        assertDeadlineHeld(before);
        assertThat(drain.failure()).isNotNull();
        assertThat(drain.broken().kind()).isEqualTo(SourceFailedException.Kind.SILENT);
        assertThat(drain.broken().reason()).isEqualTo("HTTP read timed out after 1.5 s");
      }
    }
  }

  @Test
  void anEndlessTrickleOfHeadersDoesNotKeepTheDeadlineFromPassing() throws Exception {
    try (MjpegServer server =
        new MjpegServer(
            (out, connection) -> {
              MjpegServer.header(out);
              MjpegServer.frame(out, "frame", 0);
              MjpegServer.frame(out, "frame", 1);
              MjpegServer.text(out, "--frame\r\n");
              while (true) {
                MjpegServer.text(out, "X-Padding: " + "x".repeat(200) + "\r\n");
                out.flush();
                Thread.onSpinWait();
              }
            })) {
      try (FrameSource source = FrameSources.open(server.url(), options())) {
        assertThat(source.next()).isNotNull();
        long before = System.nanoTime();
        Drain drain = Drain.of(source);
        assertDeadlineHeld(before);
        assertThat(drain.failure()).isNotNull();
      }
    }
  }

  @Test
  void aWrongBoundaryIsForgivenOrFailsInTime() throws Exception {
    try (MjpegServer server =
        new MjpegServer(
            (out, connection) -> {
              MjpegServer.header(out);
              for (int i = 0; i < 12; i++) {
                MjpegServer.frame(out, "another", i);
              }
            })) {
      long before = System.nanoTime();
      Drain drain = read(server);
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(8));
      assertThat(drain.failure()).isNotNull();
      assertThat(drain.frames()).hasSizeGreaterThanOrEqualTo(11);
    }
  }

  @Test
  void aCameraThatNeverAnswersIsGivenUpInTime() throws Exception {
    MjpegServer[] self = new MjpegServer[1];
    try (MjpegServer server = new MjpegServer((out, connection) -> self[0].silence())) {
      self[0] = server;
      long before = System.nanoTime();
      assertThatThrownBy(() -> FrameSources.open(server.url(), options()))
          .isInstanceOf(SourceFailedException.class)
          .hasMessageContaining("HTTP gave no answer within 2 s")
          .hasMessageNotContaining("secret");
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(6));
    }
  }

  @Test
  void refusalsSayWhatToDo() throws Exception {
    try (MjpegServer server =
        new MjpegServer(
            (out, connection) ->
                MjpegServer.text(out, "HTTP/1.0 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"))) {
      assertThatThrownBy(() -> FrameSources.open(server.url(), options()))
          .hasMessageEndingWith("HTTP refused the user name or password");
    }
    try (MjpegServer server =
        new MjpegServer(
            (out, connection) ->
                MjpegServer.text(
                    out, "HTTP/1.0 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n"))) {
      assertThatThrownBy(() -> FrameSources.open(server.url(), options()))
          .isInstanceOf(SourceFailedException.class);
    }
  }

  @Test
  void anotherThreadCanEndARead() throws Exception {
    MjpegServer[] self = new MjpegServer[1];
    try (MjpegServer server =
            new MjpegServer(
                (out, connection) -> {
                  MjpegServer.header(out);
                  for (int i = 0; i < 4; i++) {
                    MjpegServer.frame(out, "frame", i);
                  }
                  self[0].silence();
                });
        ReadGuard guard = new ReadGuard()) {
      self[0] = server;
      SourceOptions patient = options(Duration.ofSeconds(60));
      try (FrameSource source = FrameSources.open(SourceSpec.parse(server.url()), patient, guard)) {
        assertThat(source.next()).isNotNull();
        Thread ender = new Thread(guard::cancel);
        ender.start();
        assertThatThrownBy(() -> Drain.of(source)).isInstanceOf(InterruptedException.class);
        ender.join();
      }
    }
  }

  /** In time, but not before it; the upper bound leaves room for a busy machine. */
  private static void assertDeadlineHeld(long beforeNanos) {
    assertThat(Duration.ofNanos(System.nanoTime() - beforeNanos))
        .isBetween(DEADLINE.minusMillis(300), DEADLINE.plusSeconds(3));
  }

  private static Drain read(MjpegServer server) throws Exception {
    try (FrameSource source = FrameSources.open(server.url(), options())) {
      return Drain.of(source);
    }
  }

  private static SourceOptions options() {
    return options(DEADLINE);
  }

  private static SourceOptions options(Duration readDeadline) {
    return new SourceOptions(
        Pace.REALTIME,
        false,
        10,
        Duration.ofSeconds(2),
        readDeadline,
        SourceOptions.DEFAULT_MAX_PIXELS,
        InstantSource.system());
  }
}
