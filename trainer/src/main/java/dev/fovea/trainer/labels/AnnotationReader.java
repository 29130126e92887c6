package dev.fovea.trainer.labels;

import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topic;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.Annotation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads committed annotations into the archive. All partitions, in no group: the archive itself
 * says where to read on. What cannot be used is passed over and stops nothing. One thread.
 */
public final class AnnotationReader implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AnnotationReader.class);

  private static final String CLIENT_ID = "trainer-labels";
  private static final Duration POLL = Duration.ofMillis(250);

  /**
   * Changes after which a version is made even if nobody asks: what a killed process reads again.
   */
  private static final int MAX_STAGED = 5_000;

  private static final int MAX_POLL_RECORDS = 32;

  /** Longest time without a new record before the brokers are taken for gone. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final int MAX_REQUEST_BYTES = 2 * Topics.MAX_RECORD_BYTES;

  private final LabelArchive archive;
  private final AnnotationCheck check;
  private final Refused refused;
  private final Topic<String, Annotation> annotations;
  private final Consumer<byte[], byte[]> consumer;
  private final Map<Integer, Long> next = new HashMap<>();

  /**
   * What a reading brought.
   *
   * @param records records read
   * @param changes of them, annotations that change the data set
   * @param refused of them, those that became dead letters
   */
  public record Drained(int records, int changes, int refused) {}

  /**
   * @param kafka whose topics exist
   * @param archive fed, not closed
   * @param settings as the archive's
   * @param refused told of what cannot be used; {@link DeadLetterWriter} in the service
   */
  public AnnotationReader(
      KafkaSettings kafka, LabelArchive archive, LabelSettings settings, Refused refused) {
    this.refused = refused;
    this.archive = archive;
    this.check = new AnnotationCheck(settings);
    Topics topics = new Topics(kafka);
    this.annotations = topics.annotations();
    this.consumer = consumer(kafka);
  }

  /**
   * Stages everything that is committed on the topic when it is called. A version is made of it
   * only where something was refused (so that it is refused once) or very much has come; {@link
   * #cut} makes one in any case.
   *
   * @throws KafkaException if Kafka does not answer or does not let it; what was staged is dropped,
   *     and the next call reads on from the last version
   * @throws LabelArchiveException as {@link LabelArchive#stage}
   */
  public Drained drain() throws InterruptedException {
    int records = 0;
    int changes = 0;
    int refused = 0;
    try {
      Map<TopicPartition, Long> ends = assign();
      long moved = System.nanoTime();
      while (!reached(ends)) {
        ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
        moved = polled.isEmpty() ? moved : System.nanoTime();
        requireAlive(moved);
        for (ConsumerRecord<byte[], byte[]> record : polled) {
          switch (take(record)) {
            case CHANGE -> changes++;
            case REFUSED -> refused++;
            case NOTHING_NEW -> {}
          }
          records++;
        }
        ends.keySet().forEach(p -> next.put(p.partition(), consumer.position(p)));
        if (archive.staged() >= MAX_STAGED) {
          cut();
        }
      }
      if (refused > 0) {
        cut();
      }
    } catch (RuntimeException | InterruptedException e) {
      archive.drop();
      next.clear();
      throw e;
    }
    return new Drained(records, changes, refused);
  }

  /**
   * Makes a version of all that was read.
   *
   * @return the last version; empty where no annotation ever came
   * @throws LabelArchiveException as {@link LabelArchive#cut}
   */
  public Optional<LabelVersion> cut() {
    try {
      return archive.cut(next);
    } finally {
      next.clear();
    }
  }

  /** Labels that came since a version, those not yet in one included. */
  public long newSince(String version) {
    return archive.newSince(version);
  }

  private enum Taken {
    CHANGE,
    NOTHING_NEW,
    REFUSED
  }

  /** Stands at the archive's offsets; where each partition ended then. */
  private Map<TopicPartition, Long> assign() {
    List<TopicPartition> partitions =
        consumer.partitionsFor(annotations.name()).stream()
            .map(p -> new TopicPartition(p.topic(), p.partition()))
            .toList();
    consumer.assign(partitions);
    Map<TopicPartition, Long> starts = consumer.beginningOffsets(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    for (TopicPartition partition : partitions) {
      consumer.seek(
          partition,
          start(partition, starts.getOrDefault(partition, 0L), ends.getOrDefault(partition, 0L)));
    }
    return ends;
  }

  /** Staged records are not read again; a topic that was made anew is read from its beginning. */
  private long start(TopicPartition partition, long first, long end) {
    Long staged = next.get(partition.partition());
    long wanted =
        staged == null ? archive.offsets().getOrDefault(partition.partition(), 0L) : staged;
    if (wanted > end) {
      log.warn(
          "{} ends at {}, before {}, up to where it was read: it was made anew, and is read from"
              + " its beginning",
          partition,
          end,
          wanted);
      return first;
    }
    if (wanted < first) {
      log.warn(
          "{} begins at {}: {} annotations were deleted before they were read"
              + " (kafka.topics.annotations.retention)",
          partition,
          first,
          first - wanted);
      return first;
    }
    return wanted;
  }

  private boolean reached(Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream().allMatch(e -> consumer.position(e.getKey()) >= e.getValue());
  }

  /** Brokers that go away in the middle let the consumer wait without an end. */
  private void requireAlive(long movedAtNanos) {
    if (System.nanoTime() - movedAtNanos > PATIENCE.toNanos()) {
      throw new TimeoutException(
          "topic " + annotations.name() + ": nothing came for " + PATIENCE.toSeconds() + " s");
    }
  }

  private Taken take(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
    try {
      LabelledFrame frame = check.check(annotation(record));
      return archive.stage(frame) ? Taken.CHANGE : Taken.NOTHING_NEW;
    } catch (BadAnnotationException e) {
      refused.refused(record, e);
      return Taken.REFUSED;
    }
  }

  /** Bytes that make no annotation are the record's fault; a registry out of reach is not. */
  private Annotation annotation(ConsumerRecord<byte[], byte[]> record)
      throws BadAnnotationException {
    if (record.value() == null) {
      throw new BadAnnotationException("the record has no value, but must hold an Annotation");
    }
    Annotation annotation;
    try {
      annotation =
          annotations
              .valueSerde()
              .deserializer()
              .deserialize(record.topic(), record.headers(), record.value());
    } catch (RuntimeException e) {
      if (e instanceof RetriableException
          || (!(e instanceof SerializationException) && e.getCause() instanceof IOException)) {
        throw e;
      }
      throw new BadAnnotationException(String.valueOf(e.getMessage()), e);
    }
    String key =
        record.key() == null ? "missing" : new String(record.key(), StandardCharsets.UTF_8);
    if (!key.equals(annotation.getCameraId())) {
      throw new BadAnnotationException(
          "the key must be the annotation's camera id " + annotation.getCameraId());
    }
    return annotation;
  }

  @Override
  public void close() {
    consumer.close();
    check.close();
  }

  private static Consumer<byte[], byte[]> consumer(KafkaSettings kafka) {
    Map<String, Object> properties =
        kafka.consumerProperties(
            CLIENT_ID,
            Map.of(
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "none"));
    properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
    properties.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    properties.putIfAbsent(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, MAX_POLL_RECORDS);
    properties.putIfAbsent(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, MAX_REQUEST_BYTES);
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }
}
