package dev.fovea.standalone.drift;

import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topic;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.LabelCandidate;
import dev.fovea.schema.avro.LabelledBox;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * The frames that detectors propose for labelling, in their order, each with what its camera knows
 * to be in it. One thread.
 */
final class Proposals implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(50);

  /** A frame is on its topic before it is proposed: it is read at once, or has been deleted. */
  private static final Duration FRAME_PATIENCE = Duration.ofSeconds(5);

  private final KafkaConsumer<String, LabelCandidate> candidates;
  private final KafkaConsumer<String, Frame> frames;
  private final String framesTopic;
  private final Deque<LabelCandidate> waiting = new ArrayDeque<>();
  private long sinceMicros = Long.MAX_VALUE;

  /** A proposed frame and what is in it. */
  record Proposal(LabelCandidate frame, List<LabelledBox> truth) {}

  /**
   * @param kafka whose topics exist
   */
  Proposals(KafkaSettings kafka) {
    Topics topics = new Topics(kafka);
    Topic<String, LabelCandidate> proposed = topics.labelCandidates();
    this.framesTopic = topics.frames().name();
    this.candidates =
        consumer(kafka, "drift-candidates", proposed.valueSerde().deserializer(), Map.of());
    // Single frames are looked up: what follows them need not come along.
    this.frames =
        consumer(
            kafka,
            "drift-frames",
            topics.frames().valueSerde().deserializer(),
            Map.of("max.partition.fetch.bytes", 1, "max.poll.records", 1));
    List<TopicPartition> all =
        candidates.partitionsFor(proposed.name()).stream()
            .map(p -> new TopicPartition(p.topic(), p.partition()))
            .toList();
    candidates.assign(all);
    candidates.seekToBeginning(all);
  }

  private static <T> KafkaConsumer<String, T> consumer(
      KafkaSettings kafka, String id, Deserializer<T> values, Map<String, Object> more) {
    Map<String, Object> settings = new HashMap<>(more);
    settings.put("isolation.level", "read_committed");
    return new KafkaConsumer<>(
        kafka.consumerProperties(id, settings), new StringDeserializer(), values);
  }

  /** Frames taken from then on are of interest. */
  void from(long captureTimeMicros) {
    sinceMicros = captureTimeMicros;
  }

  /** Reads what has been proposed since the last call. */
  void read() {
    for (ConsumerRecord<String, LabelCandidate> record : candidates.poll(POLL)) {
      LabelCandidate candidate = record.value();
      if (candidate.getCaptureTimeMicros() >= sinceMicros) {
        waiting.add(candidate);
      }
    }
  }

  /** How many wait. */
  int waiting() {
    return waiting.size();
  }

  /** Takes the oldest, at most so many, and looks up what is in them. */
  List<Proposal> take(int atMost) {
    List<Proposal> taken = new ArrayList<>();
    while (taken.size() < atMost && !waiting.isEmpty()) {
      LabelCandidate candidate = waiting.remove();
      truth(candidate).ifPresent(truth -> taken.add(new Proposal(candidate, truth)));
    }
    return taken;
  }

  private Optional<List<LabelledBox>> truth(LabelCandidate candidate) {
    TopicPartition partition = new TopicPartition(framesTopic, candidate.getFramePartition());
    frames.assign(List.of(partition));
    frames.seek(partition, candidate.getFrameOffset());
    long deadline = System.nanoTime() + FRAME_PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      for (ConsumerRecord<String, Frame> record : frames.poll(POLL)) {
        return record.offset() == candidate.getFrameOffset()
            ? Optional.ofNullable(record.value().getTruth())
            : Optional.empty();
      }
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    candidates.close();
    frames.close();
  }
}
