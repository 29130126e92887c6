package dev.fovea.detector;

import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.s3.ReleaseCache;
import dev.fovea.detector.s3.S3Objects;
import dev.fovea.detector.stream.BatchModel;
import dev.fovea.detector.stream.DetectorMetrics;
import dev.fovea.detector.stream.DetectorPipeline;
import dev.fovea.detector.stream.KafkaClients;
import dev.fovea.detector.stream.LiveModel;
import dev.fovea.detector.stream.MinuteReport;
import dev.fovea.detector.stream.ModelWatcher;
import dev.fovea.detector.stream.ReleaseFolders;
import dev.fovea.schema.KafkaRight;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topic;
import dev.fovea.schema.TopicCreator;
import dev.fovea.schema.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AclOperation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The detector: its parts made and put together, started and stopped. */
public final class Main implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Main.class);

  /** Beyond the longest that a poll may rightly take, which is a rebalance that drains. */
  private static final Duration POLL_PATIENCE = Duration.ofSeconds(30);

  private final DetectorMetrics metrics;
  private final DetectorPipeline pipeline;
  private final Optional<ModelWatcher> watcher;
  private final S3Objects objects;
  private final MinuteReport report;
  private final Duration longestPoll;

  private Main(
      DetectorMetrics metrics,
      DetectorPipeline pipeline,
      Optional<ModelWatcher> watcher,
      S3Objects objects,
      MinuteReport report,
      Duration longestPoll) {
    this.metrics = metrics;
    this.pipeline = pipeline;
    this.watcher = watcher;
    this.objects = objects;
    this.report = report;
    this.longestPoll = longestPoll;
  }

  /**
   * Starts a detector and returns once it is at work.
   *
   * @throws ModelLoadException if there is no model that it could start with
   */
  public static Main start(DetectorConfig config) throws ModelLoadException, InterruptedException {
    Topics topics = new Topics(config.kafka());
    createTopics(config, topics);

    KafkaClients clients =
        new KafkaClients(config.kafka(), config.stream(), UUID.randomUUID().toString());
    S3Objects objects = new S3Objects(config.s3());
    ReleaseFolders releases =
        new ReleaseFolders(
            config.engine(),
            config.stream().mining(),
            new ReleaseCache(objects, config.fetched(), ReleaseCache.Contents.SERVED));
    DetectorMetrics metrics = new DetectorMetrics();
    Optional<ModelWatcher> watcher =
        config
            .followedModel()
            .map(
                name ->
                    new ModelWatcher(
                        clients,
                        topics.models(),
                        name,
                        config.kafka().startupTimeout(),
                        releases,
                        metrics));
    LiveModel model = new LiveModel(firstModel(config, watcher, releases));

    DetectorPipeline pipeline =
        new DetectorPipeline(config.kafka(), clients, config.stream(), model, metrics);
    MinuteReport report = new MinuteReport(metrics);

    pipeline.start();
    watcher.ifPresent(w -> w.start(model));
    report.start();
    return new Main(
        metrics,
        pipeline,
        watcher,
        objects,
        report,
        config.stream().drainTimeout().plus(POLL_PATIENCE));
  }

  /** What it has done so far. */
  public DetectorMetrics metrics() {
    return metrics;
  }

  /** What is wrong with it, in words; empty while it works. Kafka being away is not its fault. */
  public Optional<String> trouble() {
    Duration sincePoll = metrics.sincePoll();
    return sincePoll.compareTo(longestPoll) <= 0
        ? Optional.empty()
        : Optional.of("frames have not been polled for " + sincePoll.toSeconds() + " s");
  }

  /**
   * Waits until it has stopped.
   *
   * @throws IllegalStateException if it stopped because something failed
   */
  public void awaitTermination() throws InterruptedException {
    pipeline.awaitTermination();
  }

  /** Finishes and commits what is under way, within seconds. */
  @Override
  public void close() {
    report.close();
    watcher.ifPresent(ModelWatcher::close);
    objects.close();
    pipeline.close();
  }

  private static void createTopics(DetectorConfig config, Topics topics)
      throws InterruptedException {
    KafkaSettings kafka = config.kafka();
    List<Topic<?, ?>> needed =
        new ArrayList<>(List.of(topics.frames(), topics.detections(), topics.deadLetters()));
    List<KafkaRight> rights =
        new ArrayList<>(
            List.of(
                KafkaRight.read(topics.frames()),
                KafkaRight.write(topics.detections()),
                KafkaRight.write(topics.deadLetters()),
                KafkaRight.onGroup(AclOperation.READ, config.stream().groupId())));
    if (config.followedModel().isPresent()) {
      needed.add(topics.models());
      rights.add(KafkaRight.read(topics.models()));
    }
    if (config.stream().mining().enabled()) {
      needed.add(topics.labelCandidates());
      rights.add(KafkaRight.write(topics.labelCandidates()));
    }
    try (Admin admin = Admin.create(kafka.adminProperties("detector", Map.of()))) {
      new TopicCreator(admin, kafka).ensure(needed, rights);
    }
  }

  /** The followed model's live release; where there is none, or it is refused, the start model. */
  private static BatchModel firstModel(
      DetectorConfig config, Optional<ModelWatcher> watcher, ReleaseFolders releases)
      throws ModelLoadException, InterruptedException {
    Optional<BatchModel> live = watcher.isPresent() ? watcher.get().current() : Optional.empty();
    BatchModel first = live.isPresent() ? live.get() : releases.load(config.modelDir());
    log.info("Model {} {} is live on {}", first.name(), first.version(), first.engine());
    return first;
  }
}
