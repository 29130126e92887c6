package dev.fovea.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

/** What happens without Kafka; with one, see TopicCreatorIT in module standalone. */
class TopicCreatorTest {

  @Test
  void aBrokerThatCanNotBeReachedIsOneSentenceWithItsAddressAfterABoundedWait() throws IOException {
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    KafkaSettings kafka =
        KafkaSettings.from(
            ConfigFactory.parseString(
                "bootstrap.servers = \"127.0.0.1:" + closed + "\", startup-timeout = 1500 ms"));
    long start = System.nanoTime();

    try (Admin admin = Admin.create(kafka.adminProperties("test", Map.of()))) {
      assertThatThrownBy(
              () -> new TopicCreator(admin, kafka).ensure(List.of(new Topics(kafka).frames())))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith(
              "Kafka at 127.0.0.1:" + closed + " did not answer within 1500 ms");
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
  }
}
