package dev.fovea.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KafkaSettingsTest {

  @Test
  void allDefaults() {
    KafkaSettings kafka = kafka("");

    assertThat(kafka.topicPrefix()).isEqualTo("fovea.");
    assertThat(kafka.partitions()).isEqualTo(6);
    assertThat(kafka.replicationFactor()).isEqualTo((short) -1);
    assertThat(kafka.registryUrl()).isEmpty();
    assertThat(kafka.startupTimeout()).isEqualTo(Duration.ofSeconds(60));
    assertThat(kafka.clientProperties()).isEqualTo(Map.of("bootstrap.servers", "localhost:9092"));
    assertThat(kafka.topics())
        .containsOnlyKeys(
            "frames",
            "detections",
            "counts",
            "dead-letters",
            "cameras",
            "models",
            "annotations",
            "label-candidates");
    assertThat(kafka.topics().get("frames"))
        .isEqualTo(
            new TopicRetention(
                Optional.of(Duration.ofHours(1)), -1, 64 << 20, Duration.ofMinutes(5)));
    assertThat(kafka.topics().get("cameras"))
        .isEqualTo(new TopicRetention(Optional.empty(), -1, 16 << 20, Duration.ofMinutes(10)));
  }

  @Test
  void everyKeySet() {
    KafkaSettings kafka =
        kafka(
            """
            bootstrap.servers = ["a:1", "b:2"], topic-prefix = "site-1.", partitions = 12
            replication-factor = 3, registry-url = "http://registry:8080/apis/registry/v3"
            startup-timeout = 5 s
            ssl { truststore.location = /t, "keystore.type" = PEM }
            """);

    assertThat(kafka.topicPrefix()).isEqualTo("site-1.");
    assertThat(kafka.partitions()).isEqualTo(12);
    assertThat(kafka.replicationFactor()).isEqualTo((short) 3);
    assertThat(kafka.registryUrl()).contains("http://registry:8080/apis/registry/v3");
    assertThat(kafka.startupTimeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(kafka.clientProperties())
        .isEqualTo(
            Map.of(
                "bootstrap.servers", "a:1,b:2",
                "ssl.truststore.location", "/t",
                "ssl.keystore.type", "PEM"));
  }

  @Test
  void aTopicIsMadeWithTheRetentionSet() {
    KafkaSettings kafka =
        kafka(
            """
            topics.frames { retention = 10 minutes, retention-bytes = 256 MiB
              segment-bytes = 8 MiB, segment-time = 1 hour }
            """);

    // The segment may not stay open for longer than its records are kept.
    assertThat(kafka.topics().get("frames"))
        .isEqualTo(
            new TopicRetention(
                Optional.of(Duration.ofMinutes(10)), 256 << 20, 8 << 20, Duration.ofMinutes(10)));
    assertThat(new Topics(kafka).frames().configs())
        .containsEntry("cleanup.policy", "delete")
        .containsEntry("retention.ms", "600000")
        .containsEntry("retention.bytes", Integer.toString(256 << 20))
        .containsEntry("segment.bytes", Integer.toString(8 << 20))
        .containsEntry("segment.ms", "600000")
        .containsEntry("max.message.bytes", Integer.toString(Topics.MAX_RECORD_BYTES));
  }

  @Test
  void annotationsAreKeptForEverUnlessSaidOtherwise() {
    assertThat(new Topics(kafka("")).annotations().configs())
        .containsEntry("cleanup.policy", "delete")
        .containsEntry("retention.ms", "-1")
        .containsEntry("retention.bytes", "-1");
    assertThat(new Topics(kafka("topics.annotations.retention = 90 days")).annotations().configs())
        .containsEntry("retention.ms", Long.toString(Duration.ofDays(90).toMillis()));
    assertThat(new Topics(kafka("topics.frames.retention = forever")).frames().configs())
        .containsEntry("retention.ms", "-1");
  }

  @Test
  void allTopicsKeyedByCameraHaveTheSamePartitionCount() {
    Topics topics = new Topics(kafka("partitions = 9"));

    assertThat(
            List.of(
                topics.frames(),
                topics.detections(),
                topics.counts(),
                topics.cameras(),
                topics.annotations(),
                topics.labelCandidates()))
        .extracting(Topic::partitions)
        .containsOnly(9);
    assertThat(topics.models().partitions()).isEqualTo(1);
    assertThat(topics.cameras().configs())
        .containsEntry("cleanup.policy", "compact")
        .doesNotContainKey("retention.ms");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          partitions = 0                    | kafka.partitions = 0: must be a whole number from 1 to 10000
          partitions = 2.5                  | kafka.partitions = 2.5: must be a whole number
          replication-factor = 0            | kafka.replication-factor = 0: must be -1 or at least 1
          topic-prefix = "a/b"              | kafka.topic-prefix = "a/b": must be at most 200 characters
          registry-url = "registry:8080"    | kafka.registry-url = "registry:8080": must be an http://
          registry-url = "http://me:pw@[x"  | kafka.registry-url = "http://•••@[x": must be an http://
          startup-timeout = 0 s             | kafka.startup-timeout = "0 s": must be a time from 1 s
          topics.frames.retention = 0 s     | kafka.topics.frames.retention = "0 s": must be a time from 1 s
          topics.frames.segment-bytes = 9   | kafka.topics.frames.segment-bytes = 9: must be 1 MiB to 1 GiB
          topics.frames.retention-bytes = 9 | kafka.topics.frames.retention-bytes = 9: must be -1 or at least segment-bytes
          topics.frmes.retention = 1 h      | unknown key "kafka.topics.frmes"; did you mean "frames"?
          topics.frames.retain = 1 h        | unknown key "kafka.topics.frames.retain"
          topics.cameras.retention = 1 h    | unknown key "kafka.topics.cameras.retention"
          partitons = 3                     | did you mean "kafka.partitions"?
          bootstrap.server = x              | did you mean "kafka.bootstrap.servers"?
          """)
  void refusesWhatIsOutOfRangeOrMistyped(String text, String sentence) {
    assertThatThrownBy(() -> kafka(text))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(sentence);
  }

  @Test
  void eachClientGetsItsOwnNameAndNothingThatOnlyAnotherKnows() {
    KafkaSettings kafka =
        kafka("linger.ms = 5, max.poll.records = 9, my.plugin = x, client.id = site");

    assertThat(kafka.producerProperties("ingest", Map.of("acks", "all")))
        .containsEntry("linger.ms", "5")
        .containsEntry("my.plugin", "x")
        .containsEntry("acks", "all")
        .containsEntry("client.id", "site-ingest")
        .doesNotContainKey("max.poll.records");
    assertThat(kafka.consumerProperties("detector", Map.of()))
        .containsEntry("max.poll.records", "9")
        .doesNotContainKey("linger.ms");
    assertThat(kafka("").adminProperties("sink", Map.of())).containsEntry("client.id", "sink");
  }

  @Test
  void showsNoSecret() {
    KafkaSettings kafka =
        kafka(
            """
            sasl.jaas.config = "…PlainLoginModule required username=u password=hunter2;"
            ssl.key.password = hunter2, ssl.keystore.key = hunter2
            registry-url = "https://u:hunter2@registry/apis/registry/v3"
            """);

    assertThat(kafka.toString())
        .doesNotContain("hunter2")
        .contains("sasl.jaas.config=•••")
        .contains("https://•••@registry/apis/registry/v3");
    assertThat(kafka.clientProperties()).containsEntry("ssl.key.password", "hunter2");
  }

  private static KafkaSettings kafka(String text) {
    return KafkaSettings.from(ConfigFactory.parseString(text));
  }
}
