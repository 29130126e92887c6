package dev.fovea.sink;

import dev.fovea.schema.KafkaRight;
import dev.fovea.schema.Metrics;
import dev.fovea.schema.MissingRights;
import dev.fovea.schema.Topic;
import dev.fovea.schema.TopicCreator;
import dev.fovea.schema.Topics;
import dev.fovea.sink.live.CameraBoard;
import dev.fovea.sink.live.DetectorLag;
import dev.fovea.sink.live.LiveFeed;
import dev.fovea.sink.live.ModelInUse;
import dev.fovea.sink.live.Rates;
import dev.fovea.sink.store.SqlDatabase;
import dev.fovea.sink.store.StoreException;
import dev.fovea.sink.store.StoreWriter;
import dev.fovea.sink.topology.CountsStreams;
import dev.fovea.sink.web.Health;
import dev.fovea.sink.web.LiveHub;
import dev.fovea.sink.web.Overview;
import dev.fovea.sink.web.SinkMetrics;
import dev.fovea.sink.web.WebServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AclOperation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sink: detections → counts, SQL, REST, and the live dashboard. */
public final class Main implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Main.class);

  private final CompletableFuture<Void> stopped = new CompletableFuture<>();

  /** What runs, the last started first. */
  private final Deque<AutoCloseable> running = new ArrayDeque<>();

  private int port;
  private Health health = new Health(Map.of());

  private Main() {}

  /**
   * Starts every part and returns when the dashboard answers.
   *
   * @throws IllegalStateException in one sentence, if a part cannot start: a taken port, a database
   *     in use, no Kafka
   */
  public static Main start(SinkConfig config) {
    Main main = new Main();
    try {
      main.wire(config);
      return main;
    } catch (RuntimeException e) {
      main.close();
      throw e;
    } catch (StoreException e) {
      main.close();
      throw new IllegalStateException(e.getMessage(), e);
    } catch (InterruptedException e) {
      main.close();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while starting", e);
    }
  }

  private void wire(SinkConfig config) throws StoreException, InterruptedException {
    SqlDatabase database = closing(openDatabase(config));
    Admin admin = closing(admin(config));
    Topics topics = new Topics(config.kafka());
    new TopicCreator(admin, config.kafka()).ensure(topics(topics), rights(config, topics));

    StoreWriter writer =
        new StoreWriter(
            database.store(),
            config.kafka(),
            topics,
            admin,
            writerSettings(config),
            this::failReading);
    CameraBoard board = new CameraBoard(config.accuracyWindow());
    ModelInUse model = new ModelInUse();
    Rates rates = new Rates();
    DetectorLag lag =
        new DetectorLag(
            admin,
            config.detectorGroup(),
            topics.frames().name(),
            topics.detections().name(),
            writer::positions);
    Overview overview = new Overview(board, rates, model, lag, writer::totals);
    LiveHub hub = new LiveHub(overview, board);
    LiveFeed feed =
        new LiveFeed(
            config.kafka(),
            topics,
            config.waitingPictureBytes(),
            board,
            model,
            rates,
            hub,
            this::failReading);
    CountsStreams counts =
        new CountsStreams(config.kafka(), topics, streamsSettings(config), this::fail);

    health = new Health(checks(writer, feed, counts));
    Metrics metrics = SinkMetrics.of(writer, feed, hub, rates, board, lag, counts);
    WebServer web =
        closing(
            new WebServer(
                config.host(),
                config.port(),
                Set.copyOf(config.allowedHosts()),
                overview,
                board,
                database.queries(),
                hub,
                health,
                metrics));
    web.start();
    port = web.port();

    closing(writer).start();
    closing(counts).start();
    closing(feed).start();
    closing(hub).start();
    everySecond(lag::look);
    log.info("sink: dashboard on http://{}:{}", config.host(), port);
  }

  /** The port that the dashboard listens on. */
  public int port() {
    return port;
  }

  /** What is wrong with it, in words; empty while it works. */
  public Optional<String> trouble() {
    return health.trouble();
  }

  /**
   * Waits until the sink is closed.
   *
   * @throws IllegalStateException if a part failed for good; its message is one sentence
   */
  public void awaitTermination() throws InterruptedException {
    try {
      stopped.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IllegalStateException("the sink stopped: " + sentence(cause), cause);
    }
  }

  private static String sentence(Throwable cause) {
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }

  /** Stops every part, the last started first, within seconds. */
  @Override
  public synchronized void close() {
    while (!running.isEmpty()) {
      AutoCloseable part = running.pop();
      try {
        part.close();
      } catch (Exception e) {
        log.warn(
            "sink: {} did not stop in order: {}", part.getClass().getSimpleName(), e.toString());
      }
    }
    stopped.complete(null);
  }

  /** A part that only reads topics failed. */
  private void failReading(Throwable cause) {
    fail(MissingRights.explain(cause, "READ", ""));
  }

  private void fail(Throwable cause) {
    log.error("sink: stops: {}", cause.toString(), cause);
    stopped.completeExceptionally(cause);
  }

  private <T extends AutoCloseable> T closing(T part) {
    running.push(part);
    return part;
  }

  private static SqlDatabase openDatabase(SinkConfig config) throws StoreException {
    SinkConfig.Store store = config.store();
    Path file = config.dataFolder().resolve("detections.duckdb");
    return store.url().isEmpty()
        ? SqlDatabase.duckDb(file, store.duckDbMemory())
        : SqlDatabase.postgres(store.url(), store.user(), store.password());
  }

  private static Admin admin(SinkConfig config) {
    return Admin.create(config.kafka().adminProperties("sink-admin", Map.of()));
  }

  private static List<Topic<?, ?>> topics(Topics topics) {
    return List.of(
        topics.frames(),
        topics.detections(),
        topics.counts(),
        topics.cameras(),
        topics.models(),
        topics.deadLetters());
  }

  private static List<KafkaRight> rights(SinkConfig config, Topics topics) {
    List<KafkaRight> rights = new ArrayList<>(CountsStreams.rights(config.kafka()));
    for (Topic<?, ?> read :
        List.<Topic<?, ?>>of(
            topics.frames(),
            topics.detections(),
            topics.counts(),
            topics.cameras(),
            topics.models())) {
      rights.add(KafkaRight.read(read));
    }
    rights.add(KafkaRight.write(topics.counts()));
    rights.add(KafkaRight.write(topics.deadLetters()));
    // Its lag is shown.
    rights.add(KafkaRight.onGroup(AclOperation.DESCRIBE, config.detectorGroup()));
    return rights;
  }

  private static StoreWriter.Settings writerSettings(SinkConfig config) {
    SinkConfig.Store store = config.store();
    return new StoreWriter.Settings(
        store.writeInterval(), store.giveUpAfter(), store.keepDetections(), store.keepCounts());
  }

  private static CountsStreams.Settings streamsSettings(SinkConfig config) {
    return new CountsStreams.Settings(
        config.dataFolder().resolve("streams"), config.countsGrace(), config.streamThreads());
  }

  private static Map<String, Supplier<Optional<String>>> checks(
      StoreWriter writer, LiveFeed feed, CountsStreams counts) {
    Map<String, Supplier<Optional<String>>> checks = new LinkedHashMap<>();
    checks.put("store", writer::trouble);
    checks.put("counts", counts::trouble);
    checks.put(
        "live",
        () -> feed.isAlive() ? Optional.empty() : Optional.of("Kafka has not been read lately"));
    return checks;
  }

  private void everySecond(Runnable task) {
    ScheduledExecutorService scheduler =
        Executors.newSingleThreadScheduledExecutor(work -> new Thread(work, "sink-lag"));
    closing(
        () -> {
          scheduler.shutdownNow();
          scheduler.awaitTermination(Duration.ofSeconds(2).toMillis(), TimeUnit.MILLISECONDS);
        });
    var unused = scheduler.scheduleWithFixedDelay(task, 0, 1, TimeUnit.SECONDS);
  }
}
