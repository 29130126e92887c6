package dev.fovea.trainer.labels;

import dev.fovea.schema.DeadLetter;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads committed annotations into the archive. All partitions, in no group: the archive itself
 * says where to read on. What cannot be used becomes a dead letter and stops nothing; one may be
 * written twice where the process is killed right after it. One thread.
 */
public final class AnnotationReader implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AnnotationReader.class);

  private static final String CLIENT_ID = "trainer-labels";
  private static final String STAGE = "labels";
  private static final Duration POLL = Duration.ofMillis(250);

  /**
   * Changes after which a version is made even if nobody asks: what a killed process reads again.
   */
  private static final int MAX_STAGED = 5_000;

  private static final int MAX_POLL_RECORDS = 32;
  private static final int MAX_REQUEST_BYTES = 2 * Topics.MAX_RECORD_BYTES;

  private final LabelArchive archive;
  private final AnnotationCheck check;
  private final Topic<String, Annotation> annotations;
  private final Topic<byte[], byte[]> deadLetters;
  private final Consumer<byte[], byte[]> consumer;
  private final Producer<byte[], byte[]> producer;
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
   */
  public AnnotationReader(KafkaSettings kafka, LabelArchive archive, LabelSettings settings) {
    this.archive = archive;
    this.check = new AnnotationCheck(settings);
    Topics topics = new Topics(kafka);
    this.annotations = topics.annotations();
    this.deadLetters = topics.deadLetters();
    this.consumer = consumer(kafka);
    this.producer = producer(kafka);
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
      while (!reached(ends)) {
        ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
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

  private Taken take(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
    try {
      LabelledFrame frame = check.check(annotation(record));
      return archive.stage(frame) ? Taken.CHANGE : Taken.NOTHING_NEW;
    } catch (BadAnnotationException e) {
      refuse(record, e);
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

  /** Returns when the dead letter is written: the record is not passed over before. */
  private void refuse(ConsumerRecord<byte[], byte[]> record, BadAnnotationException e)
      throws InterruptedException {
    String message =
        record.topic() + "-" + record.partition() + "@" + record.offset() + ": " + e.getMessage();
    Future<RecordMetadata> sent =
        producer.send(DeadLetter.of(deadLetters, record, STAGE, e, message));
    try {
      sent.get();
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof KafkaException kafka
          ? kafka
          : new KafkaException(failed.getCause());
    }
    log.warn("Annotation refused, dead letter written: {}", message);
  }

  @Override
  public void close() {
    consumer.close();
    producer.close();
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

  private static Producer<byte[], byte[]> producer(KafkaSettings kafka) {
    Map<String, Object> properties =
        kafka.producerProperties(
            CLIENT_ID,
            Map.of(
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true, ProducerConfig.ACKS_CONFIG, "all"));
    properties.remove(ProducerConfig.TRANSACTIONAL_ID_CONFIG);
    properties.putIfAbsent(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_REQUEST_BYTES);
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }
}
