package dev.fovea.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.schema.Metrics;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class HealthEndpointTest {
  private final AtomicReference<Optional<String>> trouble = new AtomicReference<>(Optional.empty());

  @Test
  void saysOkOrWhyNot() throws Exception {
    int port = freePort();
    HealthEndpoint health = start(port);
    try {
      assertThat(get(port, "/healthz").statusCode()).isEqualTo(200);

      trouble.set(Optional.of("frames have not been polled for 41 s"));
      HttpResponse<String> failing = get(port, "/healthz");
      assertThat(failing.statusCode()).isEqualTo(503);
      assertThat(failing.body()).isEqualTo("frames have not been polled for 41 s\n");

      assertThat(get(port, "/healthz/../secrets").statusCode()).isEqualTo(404);
    } finally {
      health.close();
    }
  }

  @Test
  void figuresAreGivenWhereThereAreAny() throws Exception {
    Metrics metrics =
        new Metrics().add("fovea_test_sheep", Metrics.Kind.GAUGE, "Sheep counted.", () -> 7);
    int port = freePort();
    HealthEndpoint health =
        HealthEndpoint.start("127.0.0.1", port, trouble::get, Optional.of(metrics));
    try {
      HttpResponse<String> figures = get(port, "/metrics");
      assertThat(figures.statusCode()).isEqualTo(200);
      assertThat(figures.headers().firstValue("Content-Type"))
          .contains("text/plain; version=0.0.4; charset=utf-8");
      assertThat(figures.body())
          .isEqualTo(
              """
              # HELP fovea_test_sheep Sheep counted.
              # TYPE fovea_test_sheep gauge
              fovea_test_sheep 7.0
              """);
    } finally {
      health.close();
    }
    HealthEndpoint without = start(port);
    try {
      assertThat(get(port, "/metrics").statusCode()).isEqualTo(404);
    } finally {
      without.close();
    }
  }

  @Test
  void onlyGetIsAnswered() throws Exception {
    int port = freePort();
    HealthEndpoint health = start(port);
    try {
      HttpRequest post =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/healthz"))
              .POST(BodyPublishers.ofString("x"))
              .build();
      assertThat(HttpClient.newHttpClient().send(post, BodyHandlers.ofString()).statusCode())
          .isEqualTo(405);
    } finally {
      health.close();
    }
  }

  @Test
  void portZeroListensNowhere() {
    HealthEndpoint none = start(0);
    assertThat(none.listens()).isFalse();
    none.close();
  }

  @Test
  void afterwardsThePortIsFree() throws Exception {
    int port = freePort();
    HealthEndpoint health = start(port);
    assertThat(health.listens()).isTrue();

    health.close();

    assertThatThrownBy(() -> get(port, "/healthz")).isInstanceOf(ConnectException.class);
  }

  @Test
  void aTakenPortIsOneSentence() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> start(taken.getLocalPort()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("--health-port " + taken.getLocalPort());
    }
  }

  private HealthEndpoint start(int port) {
    return HealthEndpoint.start("127.0.0.1", port, trouble::get, Optional.empty());
  }

  private static HttpResponse<String> get(int port, String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
            BodyHandlers.ofString());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
