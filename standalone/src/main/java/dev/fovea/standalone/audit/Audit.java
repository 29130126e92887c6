package dev.fovea.standalone.audit;

import dev.fovea.schema.CameraId;
import dev.fovea.schema.SchemaRegistryUnavailableException;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.AnswerHead;
import dev.fovea.schema.avro.CameraStatus;
import dev.fovea.schema.avro.FrameHead;
import dev.fovea.schema.avro.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * One audit: reads statuses, answers, dead letters, then frames, and holds each frame against what
 * was read before.
 *
 * <p>The ends are looked up in that order too, and nothing behind them counts. So each answer's
 * frame is within the frames' end, though not each frame's answer within the answers': a frame is
 * missing only if one behind it in its partition has been answered, since a partition is answered
 * in its order. Dead letters are read to an end looked up after the answers were read: what was
 * committed together with an answer is there by then.
 */
public final class Audit {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int FETCH_BYTES = 32 * 1024 * 1024;
  private static final int PARTITION_FETCH_BYTES = 4 * 1024 * 1024;
  private static final int POLL_RECORDS = 4_000;
  private static final int FETCH_WAIT_MILLIS = 10;

  private final AuditSettings settings;
  private final Topics topics;
  private final Deserializer<CameraStatus> statusValues;
  private final Consumer<byte[], byte[]> consumer;
  private final TopicScan scan;
  private final Map<String, CameraTally> cameras = new TreeMap<>();
  private final Map<String, CameraStatus> statuses = new HashMap<>();
  private final Faults faults = new Faults();
  private final List<String> notes = new ArrayList<>();
  private long badStatuses;

  /** By partition of the frames topic, the offset of the last frame answered. */
  private final Map<Integer, Long> lastAnswered = new HashMap<>();

  /** By partition, the offset of the first frame answered, as far as answers are kept. */
  private final Map<Integer, Long> firstAnswered = new HashMap<>();

  private Audit(AuditSettings settings, Consumer<byte[], byte[]> consumer, LongConsumer progress) {
    this.settings = settings;
    this.topics = new Topics(settings.kafka());
    this.statusValues = topics.cameras().valueSerde().deserializer();
    this.consumer = consumer;
    this.scan = new TopicScan(consumer, PATIENCE, progress);
  }

  /**
   * Makes an audit.
   *
   * @param progress is told how many records more have been passed
   * @throws CannotTellException in one sentence: Kafka does not answer, topics are missing or may
   *     not be read
   */
  public static AuditReport run(AuditSettings settings, LongConsumer progress) {
    try (Consumer<byte[], byte[]> consumer = consumer(settings)) {
      return new Audit(settings, consumer, progress).run();
    } catch (SchemaRegistryUnavailableException e) {
      throw new CannotTellException(String.valueOf(e.getMessage()), e);
    } catch (AuthorizationException e) {
      throw new CannotTellException(
          e.getMessage() + ": an audit needs the right to read this topic", e);
    } catch (RetriableException e) {
      throw new CannotTellException(
          "Kafka at %s does not answer: %s"
              .formatted(settings.kafka().bootstrapServers(), e.getMessage()),
          e);
    } catch (KafkaException e) {
      throw new CannotTellException("Kafka: " + message(e), e);
    }
  }

  private static String message(KafkaException e) {
    return e.getCause() == null || e.getCause().getMessage() == null
        ? String.valueOf(e.getMessage())
        : e.getMessage() + ": " + e.getCause().getMessage();
  }

  /** A reader outside any group: it commits nothing, so it needs no right on a group. */
  private static Consumer<byte[], byte[]> consumer(AuditSettings settings) {
    Map<String, Object> properties =
        settings
            .kafka()
            .consumerProperties(
                "audit",
                Map.of(
                    ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                    false,
                    ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
                    false,
                    ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                    "read_committed",
                    ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                    "none",
                    ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
                    FETCH_BYTES,
                    ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                    PARTITION_FETCH_BYTES,
                    // Nothing is waited for: what is not there yet is behind the end.
                    ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
                    FETCH_WAIT_MILLIS,
                    ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                    POLL_RECORDS,
                    ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                    Math.toIntExact(settings.kafka().startupTimeout().toMillis())));
    properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
    properties.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private AuditReport run() {
    TopicExtent status = optional(topics.cameras().name(), AuditWindow.ALL);
    TopicExtent answers = required(topics.detections().name());
    TopicExtent frames = required(topics.frames().name());
    DeadLetters letters = new DeadLetters(frames, settings.window(), faults);

    scan.read(status, this::status);
    scan.read(answers, new AnswerReader(answers, frames, letters));
    scan.read(
        optional(topics.deadLetters().name(), settings.window()),
        letter -> letter(letters, letter));
    scan.read(frames, new FrameReader(answers, frames, letters));

    if (badStatuses > 0) {
      notes.add(
          ReportText.count(badStatuses, "record", "records")
              + " of "
              + status.topic()
              + " are no camera status and are left out");
    }
    List<CameraReport> reports = new ArrayList<>();
    cameras.forEach(
        (id, camera) ->
            reports.add(
                camera.report(
                    statuses.get(id), frames.span(camera.answerPartition()).isCutShort())));
    return new AuditReport(
        frames.topic(),
        answers.topic(),
        settings.now(),
        settings.window(),
        reports,
        letters.summary(),
        faults.found(),
        notes);
  }

  private TopicExtent required(String topic) {
    List<PartitionInfo> partitions = partitions(topic);
    if (partitions.isEmpty()) {
      throw new CannotTellException(
          "there is no topic %s on Kafka at %s (kafka.topic-prefix, kafka.bootstrap.servers)"
              .formatted(topic, settings.kafka().bootstrapServers()));
    }
    return TopicExtent.of(consumer, topic, partitions, settings.window());
  }

  private TopicExtent optional(String topic, AuditWindow window) {
    List<PartitionInfo> partitions = partitions(topic);
    if (partitions.isEmpty()) {
      notes.add("there is no topic " + topic);
      return TopicExtent.none(topic);
    }
    return TopicExtent.of(consumer, topic, partitions, window);
  }

  private List<PartitionInfo> partitions(String topic) {
    try {
      List<PartitionInfo> partitions = consumer.partitionsFor(topic);
      return partitions == null ? List.of() : partitions;
    } catch (UnknownTopicOrPartitionException e) {
      return List.of();
    } catch (TimeoutException e) {
      throw new CannotTellException(
          "Kafka at %s did not answer within %d s (kafka.bootstrap.servers, kafka.startup-timeout)"
              .formatted(
                  settings.kafka().bootstrapServers(),
                  settings.kafka().startupTimeout().toSeconds()),
          e);
    }
  }

  private CameraTally camera(String id) {
    return cameras.computeIfAbsent(
        id, name -> new CameraTally(name, settings.window(), settings.recentFromMicros()));
  }

  private void status(ConsumerRecord<byte[], byte[]> record) {
    String id = key(record);
    if (record.value() == null || !settings.isWanted(id)) {
      return;
    }
    try {
      statuses.put(id, statusValues.deserialize(record.topic(), record.value()));
    } catch (SerializationException e) {
      badStatuses++;
    }
  }

  private void letter(DeadLetters letters, ConsumerRecord<byte[], byte[]> letter) {
    if (settings.isWanted(key(letter))) {
      letters.letter(letter);
    }
  }

  private static String key(ConsumerRecord<byte[], byte[]> record) {
    return record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
  }

  /**
   * Reads a value; null where the bytes are none, and then {@code complaint} is told why.
   *
   * @throws SchemaRegistryUnavailableException where that is not the record's fault
   */
  private static <T> @Nullable T read(
      Deserializer<T> deserializer,
      ConsumerRecord<byte[], byte[]> record,
      java.util.function.Consumer<String> complaint) {
    if (record.value() == null) {
      complaint.accept("it has no value");
      return null;
    }
    try {
      return deserializer.deserialize(record.topic(), record.value());
    } catch (SerializationException e) {
      complaint.accept(String.valueOf(e.getMessage()));
      return null;
    }
  }

  /** The rule that a record of a camera breaks, in words; null where it keeps them. */
  private static @Nullable String brokenRule(String key, String camera, long captureTimeMicros) {
    if (!key.equals(camera)) {
      return "the key must be the camera id " + camera + ", but is " + key;
    }
    if (captureTimeMicros < 0) {
      return "captureTimeMicros must not be negative, but is " + captureTimeMicros;
    }
    try {
      new CameraId(camera);
      return null;
    } catch (IllegalArgumentException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Reads answers. */
  private final class AnswerReader implements TopicScan.Reader {
    private final TopicExtent answers;
    private final TopicExtent frames;
    private final DeadLetters letters;
    private final Deserializer<AnswerHead> heads = topics.answerHeads();

    AnswerReader(TopicExtent answers, TopicExtent frames, DeadLetters letters) {
      this.answers = answers;
      this.frames = frames;
      this.letters = letters;
    }

    @Override
    public void record(ConsumerRecord<byte[], byte[]> record) {
      AnswerHead answer = read(heads, record, why -> bad(record, why));
      if (answer == null) {
        return;
      }
      String rule = brokenRule(key(record), answer.getCameraId(), answer.getCaptureTimeMicros());
      if (rule == null && answer.getFrameNumber() < 1) {
        rule = "frame number must be at least 1, is " + answer.getFrameNumber();
      }
      if (rule != null) {
        bad(record, rule);
        return;
      }
      progressOf(answer);
      if (settings.window().contains(answer.getCaptureTimeMicros())
          && settings.isWanted(answer.getCameraId())) {
        camera(answer.getCameraId()).answer(answer, record.partition(), record.offset());
        if (answer.getOutcome() == Outcome.UNDECODABLE) {
          letters.expect(answer.getFramePartition(), answer.getFrameOffset());
        }
      }
    }

    /** Whatever the camera and time, an answer says how far its partition has been answered. */
    private void progressOf(AnswerHead answer) {
      int partition = answer.getFramePartition();
      // One that names a place behind the end answers no frame, and must not make others due.
      if (answer.getFrameOffset() < frames.span(partition).end()) {
        lastAnswered.merge(partition, answer.getFrameOffset(), Math::max);
        firstAnswered.merge(partition, answer.getFrameOffset(), Math::min);
      }
    }

    private void bad(ConsumerRecord<byte[], byte[]> record, String why) {
      if (settings.window().containsMillis(record.timestamp()) && settings.isWanted(key(record))) {
        faults.add(
            Fault.BAD_ANSWER,
            () ->
                "the record at partition %d, offset %d: %s"
                    .formatted(record.partition(), record.offset(), why));
      }
    }

    @Override
    public void deleted(int partition) {
      throw new CannotTellException(
          answers.topic()
              + "-"
              + partition
              + ": retention deleted answers while they were being read; start later with --from");
    }
  }

  /** Reads frames, once all that is known of their answers is known. */
  private final class FrameReader implements TopicScan.Reader {
    private final TopicExtent answers;
    private final TopicExtent frames;
    private final DeadLetters letters;
    private final Deserializer<FrameHead> heads = topics.frameHeads();
    private final Map<Integer, Integer> holes = new HashMap<>();

    FrameReader(TopicExtent answers, TopicExtent frames, DeadLetters letters) {
      this.answers = answers;
      this.frames = frames;
      this.letters = letters;
    }

    @Override
    public void record(ConsumerRecord<byte[], byte[]> record) {
      FrameHead frame = read(heads, record, why -> bad(record, why));
      if (frame == null) {
        return;
      }
      String rule = brokenRule(key(record), frame.getCameraId(), frame.getCaptureTimeMicros());
      if (rule != null) {
        bad(record, rule);
      } else if (settings.isWanted(frame.getCameraId())) {
        CameraTally camera = camera(frame.getCameraId());
        CameraTally.Standing standing = standing(record);
        camera.frame(frame, standing);
        if (settings.window().contains(frame.getCaptureTimeMicros())
            && camera.isAnswered(frame.getLedger().getPublished())) {
          letters.answered(camera, frame, standing);
        }
      }
    }

    private CameraTally.Standing standing(ConsumerRecord<byte[], byte[]> record) {
      int partition = record.partition();
      return new CameraTally.Standing(
          partition,
          record.offset(),
          isDue(record),
          answers.span(partition).isCutShort()
              && record.offset() < firstAnswered.getOrDefault(partition, 0L),
          letters.isLettered(partition, record.offset()),
          frames.span(partition).isCutShort(),
          holes.getOrDefault(partition, 0));
    }

    private boolean isDue(ConsumerRecord<byte[], byte[]> record) {
      return record.offset() <= lastAnswered.getOrDefault(record.partition(), -1L);
    }

    private void bad(ConsumerRecord<byte[], byte[]> record, String why) {
      if (settings.window().containsMillis(record.timestamp()) && settings.isWanted(key(record))) {
        letters.badRecord(
            record.partition(),
            record.offset(),
            isDue(record),
            record.timestamp() * 1_000 >= settings.recentFromMicros(),
            why);
      }
    }

    @Override
    public void deleted(int partition) {
      holes.merge(partition, 1, Integer::sum);
    }
  }
}
