package dev.fovea.sink.topology;

import dev.fovea.schema.KafkaRight;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.MissingRights;
import dev.fovea.schema.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The counts topology, running. Thread-safe. */
public final class CountsStreams implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CountsStreams.class);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  /** Threads replaced before it is taken for lasting; one that fails at once fails again. */
  private static final int MAX_REPLACEMENTS = 10;

  /**
   * @param stateFolder where the state store lies; its changelog in Kafka can rebuild it
   * @param grace how long windows take late records
   * @param threads threads of the topology
   */
  public record Settings(Path stateFolder, Duration grace, int threads) {}

  private final KafkaStreams streams;
  private final String applicationId;
  private int replacements;

  /**
   * @param onFatal told once if the topology cannot go on
   */
  public CountsStreams(
      KafkaSettings kafka, Topics topics, Settings settings, Consumer<Throwable> onFatal) {
    Properties properties = new Properties();
    properties.putAll(kafka.clientProperties());
    properties.putAll(CountsTopology.settings(topics));
    this.applicationId = applicationId(kafka);
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
    properties.put(StreamsConfig.STATE_DIR_CONFIG, settings.stateFolder().toString());
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, settings.threads());
    properties.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, (int) kafka.replicationFactor());
    properties.put(
        StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG),
        Topics.MAX_DEAD_LETTER_BYTES);
    properties.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    this.streams = new KafkaStreams(CountsTopology.build(topics, settings.grace()), properties);
    streams.setUncaughtExceptionHandler(failure -> replaceOrStop(failure, onFatal));
  }

  /** What it needs in Kafka beyond reading and writing topics of {@link Topics}. */
  public static List<KafkaRight> rights(KafkaSettings kafka) {
    String application = applicationId(kafka);
    String changelog = application + "-" + CountsTopology.STORE + "-changelog";
    return List.of(
        KafkaRight.onGroup(AclOperation.READ, application),
        KafkaRight.onTopic(AclOperation.CREATE, changelog),
        KafkaRight.onTopic(AclOperation.READ, changelog),
        KafkaRight.onTopic(AclOperation.WRITE, changelog));
  }

  /** Its group, and what its own topics and transactional ids start with. */
  private static String applicationId(KafkaSettings kafka) {
    return kafka.topicPrefix() + "sink-counts";
  }

  public void start() {
    streams.start();
  }

  /** What is wrong, in words; empty while it runs or hands over tasks. */
  public Optional<String> trouble() {
    KafkaStreams.State state = streams.state();
    return state == KafkaStreams.State.RUNNING || state == KafkaStreams.State.REBALANCING
        ? Optional.empty()
        : Optional.of("Kafka Streams is in state " + state);
  }

  /** Sum over all tasks of a total of {@link CountsTopology}: {@code late} or {@code duplicate}. */
  public double total(String what) {
    return streams.metrics().entrySet().stream()
        .filter(metric -> CountsTopology.isTotal(metric.getKey(), what))
        .mapToDouble(metric -> (double) metric.getValue().metricValue())
        .sum();
  }

  @Override
  public void close() {
    // Streams' members stay in their group by default, and the next start would wait for their
    // time-out.
    streams.close(
        CloseOptions.timeout(CLOSE_TIMEOUT)
            .withGroupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP));
  }

  private synchronized StreamThreadExceptionResponse replaceOrStop(
      Throwable failure, Consumer<Throwable> onFatal) {
    Throwable explained =
        MissingRights.explain(failure, "CREATE, READ and WRITE", applicationId + "-…");
    replacements++;
    if (explained == failure && replacements <= MAX_REPLACEMENTS) {
      log.warn("counts: a stream thread failed and is replaced: {}", failure.toString(), failure);
      return StreamThreadExceptionResponse.REPLACE_THREAD;
    }
    onFatal.accept(explained);
    return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
  }
}
