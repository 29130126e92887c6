package dev.fovea.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.fovea.schema.avro.Count;
import dev.fovea.schema.avro.Frame;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;

/** How a registry fails; how one works is SchemaRegistryIT's. */
class SchemaRegistryTest {
  private static final Schema COUNT = Records.schema(Count.class);
  private static final String TOPIC = "fovea.counts";

  @Test
  void aRegistryThatIsGoneIsARetriableErrorThatNamesIt() throws IOException {
    int closed;
    try (ServerSocket socket = socket()) {
      closed = socket.getLocalPort();
    }
    SchemaRegistry registry = new SchemaRegistry(url(closed));

    assertThatThrownBy(() -> registry.idOf(TOPIC, COUNT))
        .isInstanceOf(SchemaRegistryUnavailableException.class)
        .isInstanceOf(RetriableException.class)
        .hasMessageStartingWith(
            "schema dev.fovea.schema.avro.Count of topic fovea.counts: the schema registry "
                + url(closed)
                + " can't be reached: ");
    assertThatThrownBy(() -> registry.schemaOf(TOPIC, 7))
        .isInstanceOf(SchemaRegistryUnavailableException.class)
        .hasMessageStartingWith("schema 7 of a record of topic fovea.counts: ");
  }

  @Test
  void aRegistryThatNeverAnswersIsGivenUpOn() throws IOException {
    // Connections are accepted by the system's backlog; nobody ever reads.
    try (ServerSocket silent = socket()) {
      SchemaRegistry registry =
          new SchemaRegistry(url(silent.getLocalPort()), Duration.ofMillis(300));
      long start = System.nanoTime();

      assertThatThrownBy(() -> registry.idOf(TOPIC, COUNT))
          .isInstanceOf(SchemaRegistryUnavailableException.class)
          .hasMessageEndingWith("did not answer within 300 ms");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }
  }

  @Test
  void aRegistryInTroubleIsRetriableAndOneThatRefusesIsNot() throws IOException {
    try (FakeRegistry fake = new FakeRegistry(503, "{\"title\": \"overloaded\"}")) {
      SchemaRegistry registry = new SchemaRegistry(fake.url());

      assertThatThrownBy(() -> registry.schemaOf(TOPIC, 7))
          .isInstanceOf(SchemaRegistryUnavailableException.class)
          .hasMessageContaining("answered 503");
      fake.status = 403;
      assertThatThrownBy(() -> registry.schemaOf(TOPIC, 7))
          .isInstanceOf(SerializationException.class)
          .hasMessageContaining("answered 403");
    }
  }

  @Test
  void anUnknownIdIsAskedForOnce() throws IOException {
    try (FakeRegistry fake = new FakeRegistry(404, "{\"title\": \"No content with id 7\"}")) {
      SchemaRegistry registry = new SchemaRegistry(fake.url());

      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> registry.schemaOf(TOPIC, 7))
            .isInstanceOf(SerializationException.class)
            .hasMessageStartingWith("schema 7 of a record of topic fovea.counts: ");
      }
      assertThat(fake.requests).hasValue(1);
    }
  }

  @Test
  void aSchemaIsAskedForOnceAndOneOfAnotherRecordIsRefused() throws IOException {
    try (FakeRegistry fake = new FakeRegistry(200, COUNT.toString())) {
      SchemaRegistry registry = new SchemaRegistry(fake.url());
      ConfluentFormat counts = new ConfluentFormat(registry, COUNT);
      ConfluentFormat frames = new ConfluentFormat(registry, Records.schema(Frame.class));
      byte[] bytes = {0, 0, 0, 0, 7};

      assertThat(counts.writerSchema(TOPIC, bytes)).isEqualTo(COUNT);
      assertThat(counts.writerSchema(TOPIC, bytes)).isSameAs(registry.schemaOf(TOPIC, 7));
      assertThatThrownBy(() -> frames.writerSchema("fovea.frames", bytes))
          .isInstanceOf(SerializationException.class)
          .hasMessage(
              "fovea.frames: schema 7 is of dev.fovea.schema.avro.Count, not"
                  + " dev.fovea.schema.avro.Frame");
      assertThat(fake.requests).hasValue(1);
    }
  }

  @Test
  void whatIsNoSchemaIsRefused() throws IOException {
    try (FakeRegistry fake = new FakeRegistry(200, "syntax = \"proto3\";")) {
      assertThatThrownBy(() -> new SchemaRegistry(fake.url()).schemaOf(TOPIC, 7))
          .isInstanceOf(SerializationException.class)
          .hasMessageContaining("is no Avro schema");
    }
  }

  @Test
  void otherWireFormatsAreRefusedWithAHint() {
    ConfluentFormat format = new ConfluentFormat(new SchemaRegistry(url(1)), COUNT);

    assertThatThrownBy(() -> format.writerSchema(TOPIC, new byte[] {0, 0, 0, 7}))
        .isInstanceOf(SerializationException.class)
        .hasMessageStartingWith(TOPIC + ": not Confluent's wire format");
    assertThatThrownBy(() -> format.writerSchema(TOPIC, new byte[] {(byte) 0xC3, 1, 0, 0, 0, 0}))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("set kafka.registry-url there too");
  }

  private static String url(int port) {
    return "http://127.0.0.1:" + port + "/apis/registry/v3";
  }

  private static ServerSocket socket() throws IOException {
    return new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
  }

  /** Answers every request alike. */
  private static final class FakeRegistry implements AutoCloseable {
    final AtomicInteger requests = new AtomicInteger();
    volatile int status;
    private final HttpServer server;

    FakeRegistry(int status, String body) throws IOException {
      this.status = status;
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
      server.createContext(
          "/",
          exchange -> {
            requests.incrementAndGet();
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(this.status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
          });
      server.start();
    }

    String url() {
      return SchemaRegistryTest.url(server.getAddress().getPort());
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }
}
