package dev.fovea.detector.stream;

import dev.fovea.schema.avro.Outcome;
import dev.fovea.schema.avro.StageTimings;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the detector has done since it started. Counted when it is committed, never when it is
 * tried: work that was dropped and done again counts once. Any thread; a reader may see counters of
 * one transaction apart.
 */
public final class DetectorMetrics {
  private final Map<Outcome, LongAdder> outcomes = adders(Outcome.class);
  private final Map<BadInput.Cause, LongAdder> deadLetters = adders(BadInput.Cause.class);
  private final LongAdder batches = new LongAdder();
  private final LongAdder batchedPictures = new LongAdder();
  private final LongAdder queueMicros = new LongAdder();
  private final LongAdder decodeMicros = new LongAdder();
  private final LongAdder batchWaitMicros = new LongAdder();
  private final LongAdder inferMicros = new LongAdder();
  private final LongAdder postprocessMicros = new LongAdder();
  private final LongAdder transactions = new LongAdder();
  private final LongAdder transactionMicros = new LongAdder();
  private final LongAdder abortedTransactions = new LongAdder();
  private final LongAdder expiredFrames = new LongAdder();
  private final LongAdder candidates = new LongAdder();
  private final LongAdder modelSwaps = new LongAdder();
  private final LongAdder refusedReleases = new LongAdder();
  private final AtomicInteger waitingReaders = new AtomicInteger();
  private volatile long lagFrames = -1;
  private volatile long polledAtNanos = System.nanoTime();

  /** Frames answered with this outcome. */
  public long answered(Outcome outcome) {
    return adder(outcomes, outcome).sum();
  }

  /** Frames answered, whatever the outcome. */
  public long answered() {
    return outcomes.values().stream().mapToLong(LongAdder::sum).sum();
  }

  /** Dead letters by cause, such as {@code not-a-frame}; all causes, zeros too. */
  public Map<String, Long> deadLetters() {
    Map<String, Long> byCause = new java.util.TreeMap<>();
    deadLetters.forEach((cause, count) -> byCause.put(cause.label(), count.sum()));
    return Map.copyOf(byCause);
  }

  /** Batches the model ran on; these are counted when they ran. */
  public long batches() {
    return batches.sum();
  }

  /** Pictures in those batches. */
  public long batchedPictures() {
    return batchedPictures.sum();
  }

  /** Time that answered frames spent in each stage, summed over frames, microseconds. */
  public StageTimings stageMicros() {
    return StageTimings.newBuilder()
        .setQueueMicros(queueMicros.sum())
        .setDecodeMicros(decodeMicros.sum())
        .setBatchWaitMicros(batchWaitMicros.sum())
        .setInferMicros(inferMicros.sum())
        .setPostprocessMicros(postprocessMicros.sum())
        .build();
  }

  /** Transactions committed. */
  public long transactions() {
    return transactions.sum();
  }

  /** Time spent in committed transactions, microseconds. */
  public long transactionMicros() {
    return transactionMicros.sum();
  }

  /** Transactions that failed; their frames were read again. */
  public long abortedTransactions() {
    return abortedTransactions.sum();
  }

  /** Frames that the topic's retention deleted before this detector came to them. */
  public long expiredFrames() {
    return expiredFrames.sum();
  }

  /** Label candidates written. */
  public long candidates() {
    return candidates.sum();
  }

  /** Times that another release went live. */
  public long modelSwaps() {
    return modelSwaps.sum();
  }

  /** Releases that were refused. */
  public long refusedReleases() {
    return refusedReleases.sum();
  }

  /** Readers, of frames or of releases, that wait for the schema registry or a store; 0 to 2. */
  public int waitingReaders() {
    return waitingReaders.get();
  }

  /** Frames in this worker's partitions that are not yet polled; -1 while unknown. */
  public long lagFrames() {
    return lagFrames;
  }

  /**
   * Time since the consumer was last polled, whatever it brought: it is, several times a second.
   */
  public Duration sincePoll() {
    return Duration.ofNanos(System.nanoTime() - polledAtNanos);
  }

  void polled() {
    polledAtNanos = System.nanoTime();
  }

  void committed(Answer answer) {
    if (answer.error() != null) {
      adder(deadLetters, answer.error().cause()).increment();
    }
    if (answer.detections() != null) {
      adder(outcomes, answer.detections().getOutcome()).increment();
      StageTimings timings = answer.detections().getTimings();
      queueMicros.add(timings.getQueueMicros());
      decodeMicros.add(timings.getDecodeMicros());
      batchWaitMicros.add(timings.getBatchWaitMicros());
      inferMicros.add(timings.getInferMicros());
      postprocessMicros.add(timings.getPostprocessMicros());
    }
  }

  void committedTransaction(long micros) {
    transactions.increment();
    transactionMicros.add(micros);
  }

  void abortedTransaction() {
    abortedTransactions.increment();
  }

  void batch(int pictures) {
    batches.increment();
    batchedPictures.add(pictures);
  }

  void expired(long frames) {
    expiredFrames.add(frames);
  }

  void mined(int frames) {
    candidates.add(frames);
  }

  void swapped() {
    modelSwaps.increment();
  }

  void refused() {
    refusedReleases.increment();
  }

  void readerWaits() {
    waitingReaders.incrementAndGet();
  }

  void readerGoesOn() {
    waitingReaders.decrementAndGet();
  }

  void lag(long frames) {
    lagFrames = frames;
  }

  private static <E extends Enum<E>> Map<E, LongAdder> adders(Class<E> type) {
    Map<E, LongAdder> adders = new EnumMap<>(type);
    for (E constant : type.getEnumConstants()) {
      adders.put(constant, new LongAdder());
    }
    return adders;
  }

  /** Every constant has its adder from the start, so the map is never written again. */
  private static <E extends Enum<E>> LongAdder adder(Map<E, LongAdder> adders, E constant) {
    return java.util.Objects.requireNonNull(adders.get(constant));
  }
}
