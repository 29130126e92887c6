package dev.fovea.sink.live;

import dev.fovea.schema.CameraId;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topic;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.CameraStatus;
import dev.fovea.schema.avro.Count;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.ModelRelease;
import dev.fovea.schema.avro.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what is to be seen now: frames, detections and counts from their ends, camera states and
 * model releases from their beginnings, all partitions, in no group. Each sink sees everything.
 *
 * <p>One thread owns the consumer and the pairing. A record that cannot be read is counted and
 * skipped; those who work on the topic put it among the dead letters.
 */
public final class LiveFeed implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LiveFeed.class);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration LOOK_FOR_PARTITIONS = Duration.ofSeconds(30);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Topic<String, Frame> frames;
  private final Topic<String, Detections> detections;
  private final Topic<String, Count> counts;
  private final Topic<String, CameraStatus> cameras;
  private final Topic<String, ModelRelease> models;
  private final FramePairing pairing;
  private final CameraBoard board;
  private final ModelInUse model;
  private final Rates rates;
  private final LiveListener listener;
  private final Consumer<Throwable> onFatal;
  private final Thread thread;
  private final AtomicLong unreadable = new AtomicLong();

  /** Where each partition ended when it was assigned: what is older was said before we listened. */
  private final Map<TopicPartition, Long> endsAtStart = new HashMap<>();

  private final List<Count> counted = new ArrayList<>();
  private volatile boolean closing;
  private volatile long evicted;
  private volatile long polledAtMicros;

  /**
   * @param waitingBytes bound on the pictures that wait for their answer
   * @param onFatal told once if the feed cannot go on
   */
  public LiveFeed(
      KafkaSettings kafka,
      Topics topics,
      long waitingBytes,
      CameraBoard board,
      ModelInUse model,
      Rates rates,
      LiveListener listener,
      Consumer<Throwable> onFatal) {
    this.frames = topics.frames();
    this.detections = topics.detections();
    this.counts = topics.counts();
    this.cameras = topics.cameras();
    this.models = topics.models();
    this.pairing = new FramePairing(waitingBytes);
    this.board = board;
    this.model = model;
    this.rates = rates;
    this.listener = listener;
    this.onFatal = onFatal;
    this.consumer =
        new KafkaConsumer<>(
            consumerProperties(kafka), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    this.thread = new Thread(this::run, "sink-live-feed");
  }

  public void start() {
    thread.start();
  }

  /** Pictures given up because their answers were too long in coming. */
  public long evictedPictures() {
    return evicted;
  }

  /** Records that could not be read, since the start. */
  public long unreadableRecords() {
    return unreadable.get();
  }

  /** Whether the thread has asked Kafka lately. */
  public boolean isAlive() {
    return thread.isAlive()
        && CameraBoard.nowMicros() - polledAtMicros < TimeUnit.SECONDS.toMicros(15);
  }

  @Override
  public void close() {
    closing = true;
    consumer.wakeup();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Map<String, Object> consumerProperties(KafkaSettings kafka) {
    Map<String, Object> properties =
        kafka.consumerProperties(
            "sink-live",
            Map.of(
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "latest",
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                Topics.MAX_RECORD_BYTES,
                ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
                false));
    properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
    return properties;
  }

  private void run() {
    try (consumer) {
      long assignAgainAt = 0;
      while (!closing) {
        if (System.nanoTime() - assignAgainAt >= 0) {
          assignNewPartitions();
          assignAgainAt = System.nanoTime() + LOOK_FOR_PARTITIONS.toNanos();
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          read(record);
        }
        polledAtMicros = CameraBoard.nowMicros();
        tellCounts();
      }
    } catch (WakeupException | InterruptException e) {
      if (!closing) {
        onFatal.accept(e);
      }
    } catch (RuntimeException | Error e) {
      onFatal.accept(e);
    }
  }

  private void assignNewPartitions() {
    try {
      Set<TopicPartition> wanted = new HashSet<>(consumer.assignment());
      Set<TopicPartition> fresh = new HashSet<>();
      for (String topic : topicNames()) {
        for (PartitionInfo info : consumer.partitionsFor(topic)) {
          TopicPartition partition = new TopicPartition(topic, info.partition());
          if (wanted.add(partition)) {
            fresh.add(partition);
          }
        }
      }
      if (fresh.isEmpty()) {
        return;
      }
      Map<TopicPartition, Long> ends = consumer.endOffsets(fresh);
      consumer.assign(wanted);
      Set<TopicPartition> fromBeginning = new HashSet<>(fresh);
      fromBeginning.removeIf(partition -> !isState(partition.topic()));
      consumer.seekToBeginning(fromBeginning);
      // Sought by offset: "to the end" would be looked up at the first poll, and skip what comes
      // meanwhile.
      ends.forEach(
          (partition, end) -> {
            if (!isState(partition.topic())) {
              consumer.seek(partition, end);
            }
          });
      endsAtStart.putAll(ends);
    } catch (RetriableException e) {
      log.warn("live feed: partitions could not be looked up, trying again: {}", e.getMessage());
    }
  }

  private List<String> topicNames() {
    return List.of(frames.name(), detections.name(), counts.name(), cameras.name(), models.name());
  }

  /** Topics whose last record per key is what counts. */
  private boolean isState(String topic) {
    return topic.equals(cameras.name()) || topic.equals(models.name());
  }

  private void read(ConsumerRecord<byte[], byte[]> record) {
    try {
      String topic = record.topic();
      if (topic.equals(frames.name())) {
        picture(record, decode(frames, record));
      } else if (topic.equals(detections.name())) {
        answer(record, decode(detections, record));
      } else if (topic.equals(counts.name())) {
        counted.add(decode(counts, record));
      } else if (topic.equals(cameras.name())) {
        camera(record);
      } else if (record.value() != null) {
        ModelRelease release = decode(models, record);
        model.release(release, TimeUnit.MILLISECONDS.toMicros(record.timestamp()));
      }
    } catch (RuntimeException e) {
      unreadable.incrementAndGet();
      log.debug("live feed: {}-{}@{}", record.topic(), record.partition(), record.offset(), e);
    }
  }

  private void picture(ConsumerRecord<byte[], byte[]> record, Frame frame) {
    requireOwnKey(record, frame.getCameraId());
    board.frame(frame, CameraBoard.nowMicros());
    pairing.picture(frame).ifPresent(this::show);
    evicted = pairing.evicted();
  }

  private void answer(ConsumerRecord<byte[], byte[]> record, Detections answer) {
    requireOwnKey(record, answer.getCameraId());
    model.answer(answer);
    pairing.answer(answer).ifPresent(this::show);
  }

  private void show(PairedFrame pair) {
    long now = CameraBoard.nowMicros();
    board.paired(pair, now);
    listener.paired(pair);
    rates.shown(CameraBoard.nowMicros(), pair.captureTimeMicros(), boxes(pair.answer()));
  }

  private static int boxes(Detections answer) {
    boolean hasBoxes =
        answer.getOutcome() == Outcome.DETECTED || answer.getOutcome() == Outcome.UNCHANGED;
    return hasBoxes ? answer.getDetections().size() : 0;
  }

  private void camera(ConsumerRecord<byte[], byte[]> record) {
    String id = new CameraId(key(record)).value();
    if (record.value() == null) {
      board.removed(id);
      pairing.forget(id);
      listener.cameraChanged(id);
      return;
    }
    CameraStatus status = decode(cameras, record);
    requireOwnKey(record, status.getCameraId());
    if (board.status(status, heardAt(record))) {
      listener.cameraChanged(id);
    }
  }

  /** When a status reached us: now, or for one from before our time when it was written. */
  private long heardAt(ConsumerRecord<byte[], byte[]> record) {
    long now = CameraBoard.nowMicros();
    TopicPartition partition = new TopicPartition(record.topic(), record.partition());
    boolean saidBefore = record.offset() < endsAtStart.getOrDefault(partition, 0L);
    return saidBefore ? Math.min(now, TimeUnit.MILLISECONDS.toMicros(record.timestamp())) : now;
  }

  private void tellCounts() {
    if (!counted.isEmpty()) {
      listener.counted(List.copyOf(counted));
      counted.clear();
    }
  }

  private static <T> T decode(Topic<String, T> topic, ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null) {
      throw new IllegalArgumentException("record without a value");
    }
    return topic.valueSerde().deserializer().deserialize(record.topic(), record.value());
  }

  private static void requireOwnKey(ConsumerRecord<byte[], byte[]> record, String cameraId) {
    String key = new CameraId(key(record)).value();
    if (!key.equals(cameraId)) {
      throw new IllegalArgumentException("key \"" + key + "\" but camera \"" + cameraId + "\"");
    }
  }

  private static String key(ConsumerRecord<byte[], byte[]> record) {
    if (record.key() == null) {
      throw new IllegalArgumentException("record without a key");
    }
    return new String(record.key(), StandardCharsets.UTF_8);
  }
}
