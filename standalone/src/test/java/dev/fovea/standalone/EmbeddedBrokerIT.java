package dev.fovea.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.TopicCreator;
import dev.fovea.schema.Topics;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerIT {
  @TempDir Path folder;

  @Test
  void takesUpItsDataFolderAgainAndRefusesATakenPort() throws Exception {
    KafkaSettings kafka;
    int port;
    try (EmbeddedBroker broker = EmbeddedBroker.start(folder)) {
      kafka =
          new KafkaSettings(
              "fovea.",
              3,
              (short) -1,
              Optional.empty(),
              Map.of("bootstrap.servers", broker.bootstrapServers()));
      port = broker.port();
      try (Admin admin = Admin.create(kafka.clientProperties(Map.of()))) {
        TopicCreator topics = new TopicCreator(admin, kafka);
        topics.ensure(List.of(new Topics(kafka).frames()));
        topics.ensure(List.of(new Topics(kafka).frames()));
      }
      assertThatThrownBy(() -> EmbeddedBroker.start(folder.resolve("other"), port))
          .isInstanceOf(EmbeddedBroker.PortTakenException.class)
          .hasMessageContaining(Integer.toString(port));
    }
    try (EmbeddedBroker broker = EmbeddedBroker.start(folder, port);
        Admin admin = Admin.create(kafka.clientProperties(Map.of()))) {
      assertThat(broker.port()).isEqualTo(port);
      assertThat(admin.listTopics().names().get()).contains("fovea.frames");
    }
  }
}
