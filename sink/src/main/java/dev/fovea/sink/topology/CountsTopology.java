package dev.fovea.sink.topology;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.Count;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.metrics.Sensor;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.LogAndContinueExceptionHandler;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorSupplier;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * {@code detections} → counts per camera, class and 10-second tumbling window of capture time →
 * {@code counts}. Every change of a window is an update; the last one of a window counts.
 *
 * <p>Frames answered DETECTED or UNCHANGED count, with the boxes they carry; for STALE and
 * UNDECODABLE ones nobody knows what was in view, so they count neither as frames nor as objects.
 */
public final class CountsTopology {
  /** Size of a window. */
  public static final Duration WINDOW = Duration.ofSeconds(10);

  static final String STORE = "camera-windows";
  private static final String GROUP = "fovea-counts";

  private CountsTopology() {}

  /**
   * The topology.
   *
   * @param grace how long after its end, in the camera's own capture time, a window takes late
   *     records; later ones are left out and counted by the metric {@code late-total}
   */
  public static Topology build(Topics topics, Duration grace) {
    var detections = topics.detections();
    var counts = topics.counts();
    StoreBuilder<KeyValueStore<String, CameraWindows>> store =
        Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(STORE), Serdes.String(), windowsSerde());
    StreamsBuilder builder = new StreamsBuilder();
    builder.addStateStore(store);
    builder.stream(detections.name(), Consumed.with(detections.keySerde(), detections.valueSerde()))
        .processValues(supplier(grace), STORE)
        .to(counts.name(), Produced.with(counts.keySerde(), counts.valueSerde()));
    return builder.build();
  }

  private static FixedKeyProcessorSupplier<String, Detections, Count> supplier(Duration grace) {
    return () -> new Counter(micros(WINDOW), micros(grace));
  }

  private static long micros(Duration duration) {
    return TimeUnit.MILLISECONDS.toMicros(duration.toMillis());
  }

  /** Keeps a camera's windows and forwards what changes. One instance a task, on its thread. */
  private static final class Counter implements FixedKeyProcessor<String, Detections, Count> {
    private final long sizeMicros;
    private final long graceMicros;
    private FixedKeyProcessorContext<String, Count> context;
    private KeyValueStore<String, CameraWindows> store;
    private Sensor late;
    private Sensor duplicates;

    @SuppressWarnings("NullAway.Init") // init() comes before the first record
    Counter(long sizeMicros, long graceMicros) {
      this.sizeMicros = sizeMicros;
      this.graceMicros = graceMicros;
    }

    @Override
    public void init(FixedKeyProcessorContext<String, Count> context) {
      this.context = context;
      this.store = context.getStateStore(STORE);
      this.late = totalSensor(context, "late");
      this.duplicates = totalSensor(context, "duplicate");
    }

    @Override
    public void process(FixedKeyRecord<String, Detections> record) {
      Detections answer = AnswerRules.check(record.key(), record.value());
      if (answer.getOutcome() != Outcome.DETECTED && answer.getOutcome() != Outcome.UNCHANGED) {
        return;
      }
      CameraWindows known = store.get(record.key());
      CameraWindows windows = known == null ? new CameraWindows() : known;
      switch (windows.take(answer, sizeMicros, graceMicros)) {
        case LATE -> late.record();
        case DUPLICATE -> duplicates.record();
        case COUNTED -> {
          store.put(record.key(), windows);
          windows
              .counts(record.key(), answer.getCaptureTimeMicros(), sizeMicros)
              .forEach(count -> context.forward(record.withValue(count)));
        }
      }
    }

    private static Sensor totalSensor(FixedKeyProcessorContext<?, ?> context, String what) {
      return context
          .metrics()
          .addRateTotalSensor(GROUP, context.taskId().toString(), what, Sensor.RecordingLevel.INFO);
    }
  }

  /** Whether {@code metric} is one of this topology's totals, {@code late} or {@code duplicate}. */
  public static boolean isTotal(MetricName metric, String what) {
    return metric.group().contains(GROUP) && metric.name().equals(what + "-total");
  }

  /** State is JSON: it can be read by a person, and old state by a newer version. */
  private static Serde<CameraWindows> windowsSerde() {
    ObjectMapper mapper = new ObjectMapper();
    return Serdes.serdeFrom(
        (topic, windows) -> {
          try {
            return windows == null ? null : mapper.writeValueAsBytes(windows);
          } catch (JsonProcessingException e) {
            throw new SerializationException(topic, e);
          }
        },
        (topic, bytes) -> {
          try {
            return bytes == null ? null : mapper.readValue(bytes, CameraWindows.class);
          } catch (IOException e) {
            throw new SerializationException(topic, e);
          }
        });
  }

  /** Streams' settings that belong to this topology: exactly once, and bad records set aside. */
  public static Map<String, Object> settings(Topics topics) {
    return Map.of(
        StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
        StreamsConfig.EXACTLY_ONCE_V2,
        StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG,
        topics.deadLetters().name(),
        StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG,
        LogAndContinueExceptionHandler.class,
        StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG,
        BadRecordHandler.class,
        // The constant is deprecated, for Kafka 5 does this anyway; without it Streams warns.
        "processing.exception.handler.global.enabled",
        true);
  }
}
