package dev.fovea.trainer;

import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.schema.KafkaRight;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Metrics;
import dev.fovea.schema.TopicCreator;
import dev.fovea.schema.Topics;
import dev.fovea.trainer.labels.AnnotationReader;
import dev.fovea.trainer.labels.DeadLetterWriter;
import dev.fovea.trainer.labels.LabelArchive;
import dev.fovea.trainer.round.Round.Surroundings;
import dev.fovea.trainer.round.RoundFolders;
import dev.fovea.trainer.round.RoundMetrics;
import dev.fovea.trainer.round.RoundRunner;
import dev.fovea.trainer.round.RoundState;
import dev.fovea.trainer.schedule.LabelFeed;
import dev.fovea.trainer.schedule.RoundLoop;
import dev.fovea.trainer.schedule.StatusFile;
import dev.fovea.trainer.schedule.TrainerMetrics;
import dev.fovea.trainer.store.ModelStores;
import dev.fovea.trainer.store.Promotion;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The trainer: its parts made and put together, started and stopped. */
public final class Main implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Main.class);

  private final LabelFeed labels;
  private final RoundLoop rounds;
  private final ModelStores stores;
  private final Metrics metrics;
  private final CountDownLatch stop;

  private Main(
      LabelFeed labels,
      RoundLoop rounds,
      ModelStores stores,
      Metrics metrics,
      CountDownLatch stop) {
    this.labels = labels;
    this.rounds = rounds;
    this.stores = stores;
    this.metrics = metrics;
    this.stop = stop;
  }

  /**
   * Starts a trainer and returns once it follows labels.
   *
   * @throws ModelLoadException if the start model is no release
   * @throws IOException if what it keeps cannot be read
   */
  public static Main start(TrainerConfig config)
      throws IOException, ModelLoadException, InterruptedException {
    Topics topics = new Topics(config.kafka());
    createTopics(config.kafka(), topics);

    ModelStores stores = ModelStores.open(config.storeUrl(), config.s3(), config.fetchedReleases());
    Promotion releases =
        Promotion.of(
            config.kafka(),
            topics.models(),
            config.round().modelName(),
            config.round().startModel(),
            Clock.systemUTC());
    LabelArchive archive = LabelArchive.open(config.dataDir().resolve("labels"), config.labels());
    DeadLetterWriter letters = new DeadLetterWriter(config.kafka());
    LabelFeed labels =
        new LabelFeed(
            archive,
            new AnnotationReader(config.kafka(), archive, config.labels(), letters),
            letters);

    CountDownLatch stop = new CountDownLatch(1);
    RoundFolders folders = new RoundFolders(config.dataDir().resolve("rounds"));
    RoundMetrics rounding = RoundMetrics.of(folders);
    RoundRunner runner =
        new RoundRunner(
            config.round(),
            config.retry(),
            folders,
            labels,
            new Surroundings(
                releases,
                stores.store(),
                stores.finder(),
                () -> stop.getCount() == 0,
                rounding,
                Clock.systemUTC()));
    RoundLoop rounds =
        new RoundLoop(
            runner,
            config.schedule(),
            labels,
            new StatusFile(config.dataDir().resolve("status.json")),
            config.round().gate().minImages(),
            Clock.systemUTC(),
            stop);

    rounds.start();
    labels.start();
    log.info(
        "Trainer: follows labels for model {}; releases go to {}",
        config.round().modelName(),
        config.storeUrl());
    return new Main(
        labels,
        rounds,
        stores,
        TrainerMetrics.of(rounding, labels, config.schedule(), Clock.systemUTC()),
        stop);
  }

  /** The last round; empty before the first. */
  public Optional<RoundState> round() {
    return rounds.round();
  }

  /** What it does and has done, for Prometheus. */
  public Metrics metrics() {
    return metrics;
  }

  /**
   * What is wrong with it, in words; empty while it works. A round that fails is its daily work.
   */
  public Optional<String> trouble() {
    return labels
        .trouble()
        .or(() -> rounds.isOver() ? Optional.of("rounds are done no more") : Optional.empty());
  }

  /** Waits until it is closed. */
  public void awaitTermination() throws InterruptedException {
    stop.await();
  }

  /** Stops within seconds; a round under way goes on at the next start. */
  @Override
  public void close() {
    rounds.close();
    labels.close();
    stores.close();
  }

  private static void createTopics(KafkaSettings kafka, Topics topics) throws InterruptedException {
    try (Admin admin = Admin.create(kafka.adminProperties("trainer", Map.of()))) {
      new TopicCreator(admin, kafka)
          .ensure(
              List.of(topics.annotations(), topics.models(), topics.deadLetters()),
              List.of(
                  KafkaRight.read(topics.annotations()),
                  KafkaRight.read(topics.models()),
                  KafkaRight.write(topics.models()),
                  KafkaRight.write(topics.deadLetters())));
    }
  }
}
