package dev.fovea.sink.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.websocket.api.Callback;
import org.junit.jupiter.api.Test;

class LiveClientTest {
  private final Wire wire = new Wire();
  private final LiveClient client = new LiveClient(wire);

  /** Takes what is sent and finishes a send only when told to. */
  private static final class Wire implements LiveClient.Channel {
    final List<String> sent = new ArrayList<>();
    final List<Callback> unfinished = new ArrayList<>();
    boolean atOnce;
    boolean disconnected;

    @Override
    public void text(String message, Callback done) {
      take(message, done);
    }

    @Override
    public void binary(ByteBuffer message, Callback done) {
      take("picture " + message.get(0), done);
    }

    @Override
    public void ping(Callback done) {
      take("ping", done);
    }

    @Override
    public void disconnect() {
      disconnected = true;
    }

    private void take(String message, Callback done) {
      sent.add(message);
      if (atOnce) {
        done.succeed();
      } else {
        unfinished.add(done);
      }
    }

    void finish() {
      unfinished.remove(0).succeed();
    }
  }

  private void picture(String camera, int number) {
    client.offerPicture(camera, new byte[] {(byte) number});
  }

  @Test
  void onlyTheNewestPictureOfACameraWaitsAndOneSendIsUnderWay() {
    picture("lot", 1);
    picture("lot", 2);
    picture("yard", 3);
    picture("lot", 4);
    assertThat(wire.sent).containsExactly("picture 1");
    wire.finish();
    wire.finish();
    wire.finish();
    assertThat(wire.sent).containsExactly("picture 1", "picture 4", "picture 3");
    assertThat(client.replacedPictures()).isEqualTo(1);
  }

  @Test
  void wordsGoBeforePictures() {
    picture("lot", 1);
    picture("lot", 2);
    client.offerSummary("old summary");
    client.offerSummary("summary");
    client.offerCameras("cameras");
    wire.finish();
    wire.finish();
    wire.finish();
    assertThat(wire.sent).containsExactly("picture 1", "cameras", "summary", "picture 2");
  }

  @Test
  void aPausedCameraIsNotSent() {
    client.pause("lot");
    picture("lot", 1);
    picture("yard", 2);
    client.resume("lot");
    wire.finish();
    picture("lot", 3);
    assertThat(wire.sent).containsExactly("picture 2", "picture 3");
  }

  @Test
  void aConnectionThatSendsAtOnceIsNoRecursion() {
    wire.atOnce = true;
    for (int i = 0; i < 100_000; i++) {
      picture("lot", i);
    }
    assertThat(wire.sent).hasSize(100_000);
  }

  @Test
  void aStuckConnectionIsEnded() {
    picture("lot", 1);
    long now = System.nanoTime();
    client.disconnectIfStuck(now, Duration.ofSeconds(30));
    assertThat(wire.disconnected).isFalse();
    client.disconnectIfStuck(now + Duration.ofSeconds(31).toNanos(), Duration.ofSeconds(30));
    assertThat(wire.disconnected).isTrue();
    picture("lot", 2);
    wire.finish();
    assertThat(wire.sent).containsExactly("picture 1");
  }
}
