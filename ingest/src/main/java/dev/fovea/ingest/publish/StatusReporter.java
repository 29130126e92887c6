package dev.fovea.ingest.publish;

import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.MissingRights;
import dev.fovea.schema.Topic;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.CameraStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says how cameras are, after each change and every few seconds. A status that cannot be written in
 * time is let go, since a newer one follows; frames never wait for one.
 */
final class StatusReporter implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StatusReporter.class);

  private static final int DELIVERY_TIMEOUT_MS = 10_000;
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  private final Topic<String, CameraStatus> topic;
  private final Producer<String, CameraStatus> producer;

  /** It has been logged that states cannot be written, and none has been since. */
  private volatile boolean troubleSaid;

  /** Cameras whose last status is still on its way. */
  private final Set<String> waiting = ConcurrentHashMap.newKeySet();

  StatusReporter(KafkaSettings kafka) {
    this.topic = new Topics(kafka).cameras();
    this.producer =
        new KafkaProducer<>(
            kafka.producerProperties(
                "ingest-status",
                Map.of(
                    ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                    true,
                    ProducerConfig.ACKS_CONFIG,
                    "all",
                    ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                    DELIVERY_TIMEOUT_MS,
                    ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                    DELIVERY_TIMEOUT_MS / 2,
                    ProducerConfig.LINGER_MS_CONFIG,
                    0,
                    ProducerConfig.MAX_BLOCK_MS_CONFIG,
                    250)),
            topic.keySerde().serializer(),
            topic.valueSerde().serializer());
  }

  /** Says what is due; one thread. */
  void report(List<CameraChannel> channels) {
    for (CameraChannel channel : channels) {
      if (!waiting.contains(channel.id())) {
        CameraStatus status = channel.takeDueStatus();
        if (status != null) {
          send(channel, status);
        }
      }
    }
  }

  private void send(CameraChannel channel, CameraStatus status) {
    waiting.add(channel.id());
    try {
      // What becomes of it is told to the callback.
      var unused =
          producer.send(
              new ProducerRecord<>(topic.name(), channel.id(), status),
              (metadata, error) -> {
                waiting.remove(channel.id());
                if (error == null) {
                  troubleSaid = false;
                } else {
                  channel.statusLost();
                  say(error);
                }
              });
    } catch (KafkaException e) {
      waiting.remove(channel.id());
      channel.statusLost();
    }
  }

  private void say(Exception error) {
    if (troubleSaid) {
      log.debug("The states of cameras still cannot be written", error);
      return;
    }
    troubleSaid = true;
    Throwable why = MissingRights.explain(error, "WRITE", "");
    log.warn(
        "The states of cameras cannot be written, and are said again until they can: {}",
        why instanceof KafkaException ? why.toString() : why.getMessage());
  }

  /** Says the last word of each camera and lets go. */
  void closeWith(List<CameraChannel> channels) {
    waiting.clear();
    report(channels);
    close();
  }

  @Override
  public void close() {
    producer.close(CLOSE_TIMEOUT);
  }
}
