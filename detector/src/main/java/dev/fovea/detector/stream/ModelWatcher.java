package dev.fovea.detector.stream;

import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.model.ReleaseOutOfReachException;
import dev.fovea.schema.Topic;
import dev.fovea.schema.avro.ModelRelease;
import dev.fovea.schema.avro.ReleaseStage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one model's releases in the models topic. A new LIVE one is loaded and warmed up beside
 * the one that serves, on this thread, and swapped in between two batches; one that fails is
 * refused, and the old one goes on. Of several that wait, only the last is loaded. One that cannot
 * be had because the schema registry or its store is away is waited for, and the model in use
 * serves on.
 *
 * <p>{@link #current} first, on the thread that starts the detector, then {@link #start}.
 */
public final class ModelWatcher implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ModelWatcher.class);

  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration LOOKUP = Duration.ofSeconds(30);
  private static final Duration END = Duration.ofSeconds(30);
  private static final long PAUSE_MILLIS = 1_000;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
  private static final Duration UNTIL_STOPPED = Duration.ofNanos(Long.MAX_VALUE);

  private final Consumer<byte[], byte[]> consumer;
  private final Topic<String, ModelRelease> topic;
  private final String modelName;
  private final PatientReader<ModelRelease> reader;
  private final Duration startPatience;
  private final ReleaseLoader loader;
  private final DetectorMetrics metrics;
  private final StageThread thread;
  private volatile @Nullable LiveModel model;
  private volatile boolean stopping;

  /** Of the thread that starts the detector, then of ours. */
  private @Nullable AwaitedRelease awaited;

  /**
   * @param clients makes the reader of the topic
   * @param topic the models topic; exists
   * @param modelName whose releases to follow
   * @param startPatience how long {@link #current} waits for a schema registry or a store that is
   *     away
   */
  public ModelWatcher(
      KafkaClients clients,
      Topic<String, ModelRelease> topic,
      String modelName,
      Duration startPatience,
      ReleaseLoader loader,
      DetectorMetrics metrics) {
    this.consumer = clients.reader("models");
    this.topic = topic;
    this.modelName = modelName;
    this.reader =
        new PatientReader<>(topic.valueSerde().deserializer(), FIRST_PAUSE, LONGEST_PAUSE, metrics);
    this.startPatience = startPatience;
    this.loader = loader;
    this.metrics = metrics;
    this.thread =
        new StageThread(
            "detector-models",
            this::follow,
            e -> log.error("Releases of model {} are followed no more", modelName, e));
  }

  /**
   * Reads the topic to its end; the release that is live, loaded, unless there is none or it is
   * refused. Where the schema registry or its store is away for too long, there is none for now:
   * after {@link #start} it is taken up as soon as it can be had.
   */
  public Optional<BatchModel> current() throws InterruptedException {
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic.name(), LOOKUP).stream()
            .map(p -> new TopicPartition(p.topic(), p.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, LOOKUP);
    ModelRelease live = null;
    try {
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
        live = lastLive(live, startPatience);
      }
    } catch (PatientReader.OutOfReachException e) {
      consumer.seekToBeginning(partitions);
      log.warn(
          "The releases of model {} are taken up once they can be read: {}",
          modelName,
          e.getMessage());
      return Optional.empty();
    }
    return live == null ? Optional.empty() : loadPatiently(live);
  }

  private Optional<BatchModel> loadPatiently(ModelRelease live) throws InterruptedException {
    Optional<BatchModel> loaded = load(live);
    for (AwaitedRelease wait = awaited;
        wait != null && wait.waited().compareTo(startPatience) < 0;
        wait = awaited) {
      Thread.sleep(Math.max(1, wait.untilDue().toMillis()));
      loaded = load(live);
    }
    return loaded;
  }

  /** Swaps releases into {@code model} from now on. */
  public void start(LiveModel model) {
    this.model = model;
    thread.start();
  }

  private void follow() throws InterruptedException {
    while (!stopping) {
      try {
        ModelRelease live = lastLive(null, UNTIL_STOPPED);
        AwaitedRelease wait = awaited;
        if (live != null) {
          takeUp(live);
        } else if (wait != null && wait.untilDue().toNanos() <= 0) {
          takeUp(wait.release());
        }
      } catch (AuthenticationException | AuthorizationException e) {
        throw e;
      } catch (InterruptException e) {
        return;
      } catch (KafkaException e) {
        log.warn("Reading {} failed, going on: {}", topic.name(), e.toString());
        Thread.sleep(PAUSE_MILLIS);
      }
    }
  }

  private void takeUp(ModelRelease release) {
    LiveModel live = model;
    if (live == null || live.serves(release.getName(), release.getVersion())) {
      waitNoLonger();
      return;
    }
    load(release)
        .ifPresent(
            next -> {
              live.swap(next);
              metrics.swapped();
              log.info("Model {} {} is live on {}", next.name(), next.version(), next.engine());
            });
  }

  /** Loads a release, or says why not, or has it waited for. */
  private Optional<BatchModel> load(ModelRelease release) {
    try {
      BatchModel loaded = loader.load(release);
      waitNoLonger();
      return Optional.of(loaded);
    } catch (ReleaseOutOfReachException e) {
      waitFor(release, e);
    } catch (ModelLoadException | RuntimeException e) {
      waitNoLonger();
      String why = e instanceof ModelLoadException ? e.getMessage() : e.toString();
      refuse(named(release), why);
      log.debug("The refused release was {}", release, e);
    }
    return Optional.empty();
  }

  private void waitFor(ModelRelease release, ReleaseOutOfReachException e) {
    AwaitedRelease wait = awaited;
    if (wait != null && wait.release().equals(release)) {
      wait.triedAgain();
      log.debug("Release {} still cannot be had", named(release), e);
      return;
    }
    waitNoLonger();
    awaited = new AwaitedRelease(release);
    metrics.readerWaits();
    log.warn(
        "Release {} cannot be had now, and is waited for; the model in use stays: {}",
        named(release),
        e.getMessage());
  }

  private void waitNoLonger() {
    AwaitedRelease wait = awaited;
    if (wait != null) {
      awaited = null;
      metrics.readerGoesOn();
      log.info(
          "Release {} is waited for no longer, after {} ms",
          named(wait.release()),
          wait.waited().toMillis());
    }
  }

  private static String named(ModelRelease release) {
    return release.getName() + " " + release.getVersion();
  }

  /** Polls once; the last LIVE release of our model in what came, or else {@code before}. */
  private @Nullable ModelRelease lastLive(@Nullable ModelRelease before, Duration patience)
      throws InterruptedException {
    ModelRelease last = before;
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
      if (record.key() != null
          && new String(record.key(), StandardCharsets.UTF_8).equals(modelName)) {
        last = live(record, last, patience);
      }
    }
    return last;
  }

  /** What a record makes of the release that is to be live. */
  private @Nullable ModelRelease live(
      ConsumerRecord<byte[], byte[]> record, @Nullable ModelRelease before, Duration patience)
      throws InterruptedException {
    try {
      ModelRelease release = reader.read(record, patience);
      if (release != null && release.getStage() == ReleaseStage.LIVE) {
        return ours(release, before);
      }
    } catch (PatientReader.OutOfReachException e) {
      throw e;
    } catch (RuntimeException e) {
      refuse("at offset " + record.offset() + " of " + record.topic(), e.getMessage());
    }
    return before;
  }

  private @Nullable ModelRelease ours(ModelRelease release, @Nullable ModelRelease before) {
    if (release.getName().equals(modelName)) {
      return release;
    }
    refuse(named(release), "it is keyed " + modelName + ", which must be its name");
    return before;
  }

  private void refuse(String release, @Nullable String why) {
    metrics.refused();
    log.warn("Release {} is refused, the model in use stays: {}", release, why);
  }

  @Override
  public void close() {
    stopping = true;
    try {
      if (thread.stop(END)) {
        waitNoLonger();
        consumer.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
