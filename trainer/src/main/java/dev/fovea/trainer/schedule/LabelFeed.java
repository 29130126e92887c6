package dev.fovea.trainer.schedule;

import dev.fovea.trainer.labels.AnnotationReader;
import dev.fovea.trainer.labels.DeadLetterWriter;
import dev.fovea.trainer.labels.LabelArchive;
import dev.fovea.trainer.labels.LabelArchiveException;
import dev.fovea.trainer.labels.LabelVersion;
import dev.fovea.trainer.round.RoundRunner;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the annotations topic on a thread of its own, so that labels are counted and bad ones
 * refused while a round trains. The archive belongs to one thread at a time: this monitor decides
 * which.
 */
public final class LabelFeed implements RoundRunner.DataVersions, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LabelFeed.class);

  private static final Duration EVERY = Duration.ofSeconds(2);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(10);
  private static final Duration END = Duration.ofSeconds(5);

  private final LabelArchive archive;
  private final AnnotationReader reader;
  private final DeadLetterWriter letters;
  private final Thread thread;
  private volatile boolean stopping;
  private volatile @Nullable Throwable stoppedBy;
  private volatile boolean caughtUp;
  private volatile long readNanos;
  private volatile Optional<String> unwritten = Optional.empty();
  private volatile Optional<String> uncut = Optional.empty();
  private volatile Map<String, Integer> pictures = Map.of();
  private volatile long waiting;
  private final LongAdder changes = new LongAdder();
  private final LongAdder unchanged = new LongAdder();
  private final LongAdder refused = new LongAdder();

  /**
   * @param archive closed with the feed
   * @param reader of that archive; closed with the feed
   * @param letters where the reader puts what it refuses; closed with the feed
   */
  public LabelFeed(LabelArchive archive, AnnotationReader reader, DeadLetterWriter letters) {
    this.letters = letters;
    this.archive = archive;
    this.reader = reader;
    this.thread = new Thread(this::follow, "trainer-labels");
    thread.setDaemon(true);
  }

  public void start() {
    thread.start();
  }

  private void follow() {
    try {
      while (!stopping) {
        Thread.sleep((drain() ? EVERY : AFTER_FAILURE).toMillis());
      }
    } catch (InterruptedException e) {
      // closed
    } catch (AuthenticationException | AuthorizationException | Error e) {
      stoppedBy = e;
      log.error("Annotations are followed no more: {}", e.toString());
    }
  }

  private boolean drain() throws InterruptedException {
    try {
      AnnotationReader.Drained drained;
      synchronized (this) {
        try {
          drained = reader.drain();
        } finally {
          look();
        }
      }
      count(drained);
      caughtUp = true;
      if (drained.changes() > 0 || drained.refused() > 0) {
        log.info(
            "{} annotations came, {} change the data set, {} were refused",
            drained.records(),
            drained.changes(),
            drained.refused());
      }
      return true;
    } catch (AuthenticationException | AuthorizationException e) {
      throw e;
    } catch (RuntimeException e) {
      if (stopping) {
        return false; // interrupted
      }
      if (e instanceof LabelArchiveException) {
        unwritten = Optional.of(String.valueOf(e.getMessage()));
      }
      log.warn("Annotations could not be taken in, going on: {}", e.toString());
      return false;
    }
  }

  private void count(AnnotationReader.Drained drained) {
    changes.add(drained.changes());
    refused.add(drained.refused());
    unchanged.add(drained.records() - drained.changes() - drained.refused());
    unwritten = Optional.empty();
    readNanos = System.nanoTime();
  }

  /** What a monitor is told is looked up here: it must not wait for a reading that is under way. */
  private void look() {
    waiting = archive.staged();
    pictures =
        archive
            .latest()
            .map(v -> Map.of("train", v.trainPictures(), "val", v.valPictures()))
            .orElse(Map.of());
  }

  /** Whether everything that was there at the start has been read. */
  boolean caughtUp() {
    return caughtUp;
  }

  /** Labels that came since a version of the data set. */
  synchronized long newSince(String version) {
    return archive.newSince(version);
  }

  /** A version of all labels that have been read; empty where none ever came. */
  synchronized Optional<LabelVersion> cut() {
    try {
      Optional<LabelVersion> version = reader.cut();
      uncut = Optional.empty();
      return version;
    } catch (LabelArchiveException e) {
      uncut = Optional.of(String.valueOf(e.getMessage()));
      throw e;
    } finally {
      look();
    }
  }

  /** Annotations read since the start, by what became of them. */
  Map<String, Long> taken() {
    return Map.of("changed", changes.sum(), "unchanged", unchanged.sum(), "refused", refused.sum());
  }

  /** Pictures of the data set's last version, by side of the split. */
  Map<String, Integer> pictures() {
    return pictures;
  }

  /** Labels that are in no version yet. */
  long waiting() {
    return waiting;
  }

  /** Since the topic was last read to its end; empty before the first time. */
  Optional<Duration> sinceRead() {
    return caughtUp
        ? Optional.of(Duration.ofNanos(System.nanoTime() - readNanos))
        : Optional.empty();
  }

  /** Why labels are not taken in, in words; empty while they are. Kafka being away is no reason. */
  public Optional<String> trouble() {
    Throwable stopped = stoppedBy;
    return stopped == null
        ? unwritten.or(() -> uncut).map(why -> "annotations wait to be taken in: " + why)
        : Optional.of("annotations are followed no more: " + stopped);
  }

  @Override
  public synchronized LabelVersion version(String id) throws IOException {
    return archive
        .version(id)
        .orElseThrow(() -> new IOException("the data set has no version " + id + " any more"));
  }

  @Override
  public synchronized Optional<LabelVersion> latest() {
    return archive.latest();
  }

  @Override
  public void close() {
    stopping = true;
    thread.interrupt();
    try {
      thread.join(END.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!thread.isAlive()) {
      reader.close();
      letters.close();
    }
    archive.close();
  }
}
