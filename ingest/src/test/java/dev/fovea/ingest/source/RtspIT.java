package dev.fovea.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real RTSP server: Debian's GStreamer, through Python. */
@Timeout(60)
class RtspIT {
  private static final String SERVER =
      """
      import sys, gi
      gi.require_version('Gst', '1.0'); gi.require_version('GstRtspServer', '1.0')
      from gi.repository import Gst, GstRtspServer, GLib
      Gst.init(None)
      server = GstRtspServer.RTSPServer(); server.set_address('127.0.0.1'); server.set_service('0')
      factory = GstRtspServer.RTSPMediaFactory(); factory.set_launch(sys.argv[1])
      server.get_mount_points().add_factory('/stream', factory)
      server.attach(None)
      print(server.get_bound_port(), flush=True)
      GLib.MainLoop().run()
      """;
  private static final String H264 =
      "( videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=20/1"
          + " ! x264enc tune=zerolatency key-int-max=10 ! rtph264pay name=pay0 pt=96 )";
  private static final String JPEG =
      "( videotestsrc is-live=true ! video/x-raw,format=I420,width=320,height=240,framerate=20/1"
          + " ! jpegenc ! rtpjpegpay name=pay0 pt=26 )";

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {H264, JPEG})
  void picturesComeWithTheCamerasOwnTime(String pipeline) throws Exception {
    try (RtspServer server = new RtspServer(pipeline);
        FrameSource source = FrameSources.open(server.url(), options())) {
      long last = 0;
      for (int i = 0; i < 40; i++) {
        CapturedFrame frame = Drain.nextOf(source);
        assertThat(frame).isNotNull();
        long now = System.currentTimeMillis() * 1_000;
        assertThat(frame.captureTimeMicros()).isBetween(now - 5_000_000, now + 1_000);
        assertThat(frame.mediaTimeMicros()).isGreaterThanOrEqualTo(last);
        last = frame.mediaTimeMicros();
      }
      assertThat(last).isBetween(1_500_000L, 4_000_000L);
    }
  }

  @Test
  void aServerThatIsKilledIsNoticedWithinTheDeadline() throws Exception {
    try (RtspServer server = new RtspServer(H264);
        FrameSource source = FrameSources.open(server.url(), options())) {
      for (int i = 0; i < 5; i++) {
        assertThat(source.next()).isNotNull();
      }
      server.suspend();
      long before = System.nanoTime();
      Drain drain = Drain.of(source);
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(8));
      assertThat(drain.failure()).isNotNull();
      assertThat(drain.broken().reason()).isEqualTo("RTSP read timed out after 3 s");
    }
  }

  private static SourceOptions options() {
    return new SourceOptions(
        Pace.REALTIME,
        false,
        10,
        Duration.ofSeconds(10),
        Duration.ofSeconds(3),
        SourceOptions.DEFAULT_MAX_PIXELS,
        InstantSource.system());
  }

  private final class RtspServer implements AutoCloseable {
    private final Process process;
    private final int port;

    RtspServer(String pipeline) throws IOException, InterruptedException {
      Process probe =
          new ProcessBuilder(
                  "/usr/bin/python3", "-c", "import gi; gi.require_version('GstRtspServer','1.0')")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      assumeTrue(
          probe.waitFor() == 0,
          "needs Debian's gir1.2-gst-rtsp-server-1.0, python3-gi and gstreamer1.0-plugins-"
              + "{base,good,bad,ugly}");
      Path script = Files.writeString(folder.resolve("server.py"), SERVER);
      process =
          new ProcessBuilder("/usr/bin/python3", script.toString(), pipeline)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      BufferedReader said =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
      port = Integer.parseInt(said.readLine());
    }

    String url() {
      return "rtsp://127.0.0.1:" + port + "/stream";
    }

    /** Stops it as a frozen camera stops: the connection stays, nothing comes. */
    void suspend() throws IOException, InterruptedException {
      assertThat(
              new ProcessBuilder("kill", "-STOP", Long.toString(process.pid())).start().waitFor())
          .isZero();
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }
}
