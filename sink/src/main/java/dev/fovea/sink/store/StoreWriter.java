package dev.fovea.sink.store;

import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topic;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.Count;
import dev.fovea.schema.avro.Detections;
import dev.fovea.sink.store.DetectionStore.Advance;
import dev.fovea.sink.store.DetectionStore.Batch;
import dev.fovea.sink.store.DetectionStore.Position;
import dev.fovea.sink.topology.AnswerRules;
import dev.fovea.sink.topology.BadRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries {@code detections} and {@code counts} into the database, exactly once: read committed,
 * all partitions assigned by hand, and the offsets written with the rows in one transaction. At its
 * start it seeks to what the database says; Kafka's own committed offsets play no part. Killed
 * anywhere, it finds either all of a batch in the database, or nothing of it and reads it again.
 *
 * <p>While the database is away it holds its batch, tries again with growing pauses, and polls
 * nothing: the records wait in Kafka. A record that breaks its contract is counted and skipped; the
 * topology, which reads the same records, puts it among the dead letters.
 *
 * <p>One thread owns consumer and store; totals and positions may be read by any.
 */
public final class StoreWriter implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StoreWriter.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
  private static final Duration LOOK_FOR_PARTITIONS = Duration.ofSeconds(30);
  private static final Duration REMOVE_OLD_ROWS = Duration.ofMinutes(10);

  /** Records in one transaction at most: a bound on memory while the writer catches up. */
  private static final int MAX_BATCH = 5_000;

  /**
   * @param writeInterval how long records are gathered for one transaction
   * @param giveUpAfter how long the database may be away before the sink stops with an error
   * @param keepDetections age at which rows of answers and boxes are removed
   * @param keepCounts age at which rows of counts are removed
   */
  public record Settings(
      Duration writeInterval, Duration giveUpAfter, Duration keepDetections, Duration keepCounts) {}

  private final DetectionStore store;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Admin admin;
  private final Topic<String, Detections> detections;
  private final Topic<String, Count> counts;
  private final Settings settings;
  private final Consumer<Throwable> onFatal;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);

  /** Owned by the thread. What the database says, by partition; absent = nothing yet. */
  private final Map<TopicPartition, Position> stored = new HashMap<>();

  private final Map<String, String> topicIds = new HashMap<>();

  private final Map<String, OutcomeTotals> totals = new ConcurrentHashMap<>();
  private final Map<TopicPartition, Long> positions = new ConcurrentHashMap<>();
  private final AtomicLong answersWritten = new AtomicLong();
  private final AtomicLong rejected = new AtomicLong();
  private volatile boolean ready;
  private volatile @Nullable String trouble = "the store has not been read yet";

  public StoreWriter(
      DetectionStore store,
      KafkaSettings kafka,
      Topics topics,
      Admin admin,
      Settings settings,
      Consumer<Throwable> onFatal) {
    this.store = store;
    this.admin = admin;
    this.detections = topics.detections();
    this.counts = topics.counts();
    this.settings = settings;
    this.onFatal = onFatal;
    this.consumer =
        new KafkaConsumer<>(
            consumerProperties(kafka), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    this.thread = new Thread(this::run, "sink-store-writer");
  }

  public void start() {
    thread.start();
  }

  /** Every camera's totals as last written; a live view. */
  public Map<String, OutcomeTotals> totals() {
    return totals;
  }

  /** Next offset of each partition of {@code detections} that is not yet in the database. */
  public Map<TopicPartition, Long> positions() {
    return positions;
  }

  /** Whether the totals have been read from the database. */
  public boolean isReady() {
    return ready;
  }

  /** What is wrong with the database just now, in words; empty where nothing is. */
  public Optional<String> trouble() {
    return Optional.ofNullable(trouble);
  }

  /** Answers written since the start. */
  public long answersWritten() {
    return answersWritten.get();
  }

  /** Records skipped because they break their contract, since the start. */
  public long rejectedRecords() {
    return rejected.get();
  }

  @Override
  public void close() {
    closing.countDown();
    consumer.wakeup();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(8));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Map<String, Object> consumerProperties(KafkaSettings kafka) {
    Map<String, Object> properties =
        kafka.consumerProperties(
            "sink-store",
            Map.of(
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                // A position that Kafka no longer has is decided on here, not by the client.
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "none",
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                MAX_BATCH,
                ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
                false));
    properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
    return properties;
  }

  private void run() {
    try (consumer) {
      readStore();
      long lookForPartitionsAt = System.nanoTime();
      long removeOldRowsAt = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (isRunning()) {
        if (System.nanoTime() - lookForPartitionsAt >= 0) {
          assignPartitions();
          lookForPartitionsAt = System.nanoTime() + LOOK_FOR_PARTITIONS.toNanos();
        }
        write(gather());
        if (System.nanoTime() - removeOldRowsAt >= 0) {
          removeOldRows();
          removeOldRowsAt = System.nanoTime() + REMOVE_OLD_ROWS.toNanos();
        }
      }
    } catch (WakeupException | InterruptedException | InterruptException e) {
      if (isRunning()) {
        onFatal.accept(e);
      }
    } catch (StoreException | ExecutionException | RuntimeException | Error e) {
      if (isRunning()) {
        onFatal.accept(e);
      }
    }
  }

  private boolean isRunning() {
    return closing.getCount() > 0;
  }

  private void readStore() throws StoreException, InterruptedException {
    for (Position position : retrying(store::positions)) {
      stored.put(new TopicPartition(position.topic(), position.partition()), position);
    }
    totals.putAll(retrying(store::totals));
    ready = true;
  }

  /**
   * Assigns every partition of both topics, and seeks those that are new to the database's word.
   */
  private void assignPartitions() throws StoreException, InterruptedException, ExecutionException {
    Set<TopicPartition> wanted = new HashSet<>(consumer.assignment());
    Set<TopicPartition> fresh = new HashSet<>();
    Map<String, TopicDescription> described;
    try {
      described =
          admin.describeTopics(List.of(detections.name(), counts.name())).allTopicNames().get();
    } catch (ExecutionException e) {
      if (wanted.isEmpty()) {
        throw e;
      }
      log.warn("store writer: partitions could not be looked up: {}", String.valueOf(e.getCause()));
      return;
    }
    for (TopicDescription topic : described.values()) {
      noteTopicId(topic.name(), topic.topicId().toString());
      topic
          .partitions()
          .forEach(
              info -> {
                TopicPartition partition = new TopicPartition(topic.name(), info.partition());
                if (wanted.add(partition)) {
                  fresh.add(partition);
                }
              });
    }
    if (!fresh.isEmpty()) {
      consumer.assign(wanted);
      seek(fresh);
    }
  }

  /** A topic deleted and made anew is another one: its offsets, and its frames, begin again. */
  private void noteTopicId(String topic, String topicId)
      throws StoreException, InterruptedException {
    topicIds.put(topic, topicId);
    boolean madeAnew =
        stored.values().stream()
            .anyMatch(p -> p.topic().equals(topic) && !p.topicId().equals(topicId));
    if (!madeAnew) {
      return;
    }
    boolean isDetections = topic.equals(detections.name());
    log.warn("topic {} was made anew: it is read from its beginning", topic);
    retrying(
        () -> {
          store.startOver(topic, isDetections);
          return true;
        });
    stored.keySet().removeIf(partition -> partition.topic().equals(topic));
    if (isDetections) {
      totals.clear();
    }
  }

  private void seek(Set<TopicPartition> fresh) {
    Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(fresh);
    beginnings.forEach(
        (partition, beginning) -> {
          Position position = stored.get(partition);
          consumer.seek(partition, position == null ? beginning : position.nextOffset());
        });
  }

  /** Polls for one write interval, or until the batch is full, or nothing comes. */
  private List<ConsumerRecord<byte[], byte[]>> gather() {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    long until = System.nanoTime() + settings.writeInterval().toNanos();
    do {
      try {
        consumer.poll(POLL).forEach(records::add);
      } catch (OffsetOutOfRangeException e) {
        skipWhatIsGone(e);
      }
    } while (isRunning() && System.nanoTime() - until < 0 && records.size() < MAX_BATCH);
    return records;
  }

  /** Kafka has removed records that were never read, or lost its end: go on at what is there. */
  private void skipWhatIsGone(OffsetOutOfRangeException gone) {
    Map<TopicPartition, Long> wanted = gone.offsetOutOfRangePartitions();
    Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(wanted.keySet());
    Map<TopicPartition, Long> ends = consumer.endOffsets(wanted.keySet());
    wanted.forEach(
        (partition, offset) -> {
          long beginning = beginnings.getOrDefault(partition, 0L);
          long goOnAt = offset < beginning ? beginning : ends.getOrDefault(partition, 0L);
          log.error(
              "{}: offset {} is no longer in Kafka; going on at {}. What was between is missing"
                  + " from the store, and shown as unaccounted for",
              partition,
              offset,
              goOnAt);
          consumer.seek(partition, goOnAt);
        });
  }

  private void write(List<ConsumerRecord<byte[], byte[]>> records)
      throws StoreException, InterruptedException {
    List<Advance> advances = advances();
    if (advances.isEmpty()) {
      noteCaughtUp();
      return;
    }
    List<Detections> answers = new ArrayList<>();
    List<Count> windows = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      read(record, answers, windows);
    }
    Batch batch = new Batch(answers, windows, advances);
    Map<String, OutcomeTotals> written = retrying(() -> store.write(batch));
    totals.putAll(written);
    answersWritten.addAndGet(answers.size());
    for (Advance advance : advances) {
      stored.put(
          new TopicPartition(advance.topic(), advance.partition()),
          new Position(
              advance.topic(), advance.partition(), advance.topicId(), advance.toOffset()));
    }
    noteCaughtUp();
  }

  /** Positions that have moved since they were last written; transaction markers move them too. */
  private List<Advance> advances() {
    List<Advance> advances = new ArrayList<>();
    for (TopicPartition partition : consumer.assignment()) {
      Position before = stored.get(partition);
      long from = before == null ? -1 : before.nextOffset();
      long to = consumer.position(partition);
      if (to != from) {
        String topicId = topicIds.getOrDefault(partition.topic(), "");
        advances.add(new Advance(partition.topic(), partition.partition(), topicId, from, to));
      }
    }
    return advances;
  }

  private void noteCaughtUp() {
    for (Position position : stored.values()) {
      if (position.topic().equals(detections.name())) {
        positions.put(
            new TopicPartition(position.topic(), position.partition()), position.nextOffset());
      }
    }
  }

  private void read(
      ConsumerRecord<byte[], byte[]> record, List<Detections> answers, List<Count> windows) {
    try {
      String key = record.key() == null ? null : new String(record.key(), StandardCharsets.UTF_8);
      if (record.topic().equals(detections.name())) {
        answers.add(AnswerRules.check(key, decode(detections, record)));
      } else {
        Count count = decode(counts, record);
        if (count == null || !count.getCameraId().equals(key)) {
          throw new BadRecordException("count of \"" + key + "\": no value or another camera's");
        }
        windows.add(count);
      }
    } catch (SerializationException | BadRecordException e) {
      rejected.incrementAndGet();
      log.warn(
          "store writer: {}-{}@{} skipped: {}",
          record.topic(),
          record.partition(),
          record.offset(),
          e.getMessage());
    }
  }

  private static <T> @Nullable T decode(
      Topic<String, T> topic, ConsumerRecord<byte[], byte[]> record) {
    return topic.valueSerde().deserializer().deserialize(record.topic(), record.value());
  }

  private void removeOldRows() throws StoreException, InterruptedException {
    long detectionsBefore = microsBefore(settings.keepDetections());
    long countsBefore = microsBefore(settings.keepCounts());
    long removed = retrying(() -> store.removeBefore(detectionsBefore, countsBefore));
    if (removed > 0) {
      log.info("store: {} answers older than {} removed", removed, settings.keepDetections());
    }
  }

  private static long microsBefore(Duration age) {
    return TimeUnit.MILLISECONDS.toMicros(Instant.now().minus(age).toEpochMilli());
  }

  private interface StoreCall<T> {
    T call() throws StoreException;
  }

  /** Calls the store until it answers; what will not pass, or lasts too long, is thrown. */
  private <T> T retrying(StoreCall<T> call) throws StoreException, InterruptedException {
    long giveUpAt = System.nanoTime() + settings.giveUpAfter().toNanos();
    Duration pause = FIRST_PAUSE;
    while (true) {
      try {
        T result = call.call();
        if (trouble != null && ready) {
          log.info("store: works again");
        }
        trouble = null;
        return result;
      } catch (StoreException e) {
        if (!e.isTransient() || System.nanoTime() - giveUpAt >= 0) {
          throw e;
        }
        if (trouble == null) {
          log.warn("store: {}; nothing is lost, trying again", e.getMessage());
        }
        trouble = e.getMessage();
        if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
          throw new InterruptedException("closing");
        }
        Duration longer = pause.multipliedBy(2);
        pause = longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
      }
    }
  }
}
