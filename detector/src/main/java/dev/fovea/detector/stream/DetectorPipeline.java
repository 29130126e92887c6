package dev.fovea.detector.stream;

import dev.fovea.detector.mining.CandidateMiner;
import dev.fovea.detector.mining.MiningSettings;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.MissingRights;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.Frame;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stages, their threads and the queues between them.
 *
 * <pre>
 * poll ──FrameQueue──> batch ──1 batch──> infer ──2 batches──> commit
 *   ^                    └─ decoding pool                        │
 *   └────────────── Assignment, InFlight ────────────────────────┘
 * </pre>
 *
 * The first stage that fails stops them all; the failure comes out of {@link #awaitTermination}.
 */
public final class DetectorPipeline implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DetectorPipeline.class);

  private static final String POLL = "poll";
  private static final int BATCHES_BEFORE_ENGINE = 1;
  private static final int BATCHES_BEFORE_COMMIT = 2;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final Duration STAGE_END = Duration.ofSeconds(5);

  private final StreamSettings settings;
  private final String transactionalId;
  private final LiveModel model;
  private final ExecutorService decoders;
  private final BlockingQueue<FrameBatch> batches = new ArrayBlockingQueue<>(BATCHES_BEFORE_ENGINE);
  private final StageThread poll;
  private final StageThread batch;
  private final StageThread infer;
  private final StageThread commit;
  private final CompletableFuture<Optional<Throwable>> ended = new CompletableFuture<>();
  private volatile boolean stopping;
  private boolean closed;

  /**
   * @param model the live model; closed with the pipeline
   */
  public DetectorPipeline(
      KafkaSettings kafka,
      KafkaClients clients,
      StreamSettings settings,
      LiveModel model,
      DetectorMetrics metrics) {
    this.settings = settings;
    this.transactionalId = clients.transactionalId();
    this.model = model;
    this.decoders = decoders(settings.decodeThreads());
    Topics topics = new Topics(kafka);

    FrameQueue polled = new FrameQueue(settings.queueFrames(), settings.queueBytes());
    BlockingQueue<List<Answer>> answers = new ArrayBlockingQueue<>(BATCHES_BEFORE_COMMIT);
    Assignment assignment = new Assignment();
    InFlight inFlight = new InFlight();

    FramePoller poller =
        new FramePoller(
            clients.frameConsumer(),
            topics.frames().name(),
            settings,
            polled,
            assignment,
            inFlight,
            metrics,
            ended::isDone);
    PatientReader<Frame> frames =
        new PatientReader<>(
            topics.frames().valueSerde().deserializer(), FIRST_PAUSE, LONGEST_PAUSE, metrics);
    BatchStage batching =
        new BatchStage(
            settings,
            polled,
            assignment,
            inFlight,
            new FrameReader(frames),
            model,
            decoders,
            batches,
            Clock.systemUTC());
    InferenceStage inference = new InferenceStage(batches, answers, metrics);
    CommitStage committing =
        new CommitStage(
            answers,
            assignment,
            inFlight,
            new AnswerWriter(topics.detections(), topics.deadLetters()),
            candidates(settings.mining(), topics),
            new TransactionalWriter(clients::transactionalProducer, FIRST_PAUSE, LONGEST_PAUSE),
            metrics);

    this.poll = stage(POLL, () -> poller.run(() -> stopping || ended.isDone()));
    this.batch = stage("batch", batching::run);
    this.infer = stage("infer", inference::run);
    this.commit = stage("commit", committing::run);
  }

  public void start() {
    commit.start();
    infer.start();
    batch.start();
    poll.start();
  }

  /**
   * Waits until the pipeline has stopped.
   *
   * @throws IllegalStateException if a stage failed; its cause is what failed
   */
  public void awaitTermination() throws InterruptedException {
    Optional<Throwable> failure;
    try {
      failure = ended.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("is only ever completed with a value", e);
    }
    if (failure.isPresent()) {
      throw new IllegalStateException(
          "the detector stopped: " + failure.get().getMessage(), failure.get());
    }
  }

  /** Finishes and commits the batches under way, leaves the group, stops. A second call waits. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    stopping = true;
    try {
      stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    ended.complete(Optional.empty());
  }

  private void stop() throws InterruptedException {
    if (!poll.join(settings.drainTimeout().plus(STAGE_END))) {
      log.warn("The poll thread does not end; leaving it behind");
    }
    boolean idle = true;
    for (StageThread stage : List.of(batch, infer, commit)) {
      idle &= stage.stop(STAGE_END);
    }
    decoders.shutdownNow();
    if (idle) {
      batches.forEach(FrameBatch::abandon);
      model.close();
    } else {
      log.warn("A stage does not end; leaving it and its model behind");
    }
  }

  private StageThread stage(String name, StageThread.Work work) {
    return new StageThread("detector-" + name, work, e -> failed(name, e));
  }

  private void failed(String stage, Throwable error) {
    Throwable raw =
        error instanceof ExecutionException && error.getCause() != null ? error.getCause() : error;
    Throwable cause =
        MissingRights.explain(raw, stage.equals(POLL) ? "READ" : "WRITE", transactionalId);
    if (ended.complete(Optional.of(cause))) {
      log.error("The detector stops: stage {} failed", stage, cause);
    }
  }

  private static Optional<CandidateWriter> candidates(MiningSettings mining, Topics topics) {
    return mining.enabled()
        ? Optional.of(
            new CandidateWriter(
                new CandidateMiner(mining), topics.frames(), topics.labelCandidates()))
        : Optional.empty();
  }

  private static ExecutorService decoders(int threads) {
    AtomicInteger number = new AtomicInteger();
    return Executors.newFixedThreadPool(
        threads,
        task -> {
          Thread thread = new Thread(task, "detector-decode-" + number.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
  }
}
